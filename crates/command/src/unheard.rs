//! Answers that could not be written down when they came.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use trunkline_model::Timestamp;

use crate::{CommandError, CommandId, Commands, ResponseTopic};

/// Answers that wait at the most.
const NUMBER: usize = 1_024;
/// Bytes of the answers that wait at the most.
const BYTES: usize = 16 << 20;
/// How often one is tried. There is about a second in between.
const TRIES: u32 = 60;

/// An answer as it came.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    /// Who sent it.
    pub(crate) by: String,
    /// When the log took it.
    pub(crate) at: Timestamp,
}

impl Answered {
    fn bytes(&self) -> usize {
        self.topic.len() + self.payload.len() + self.by.len()
    }
}

/// Answers that wait to be written down, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Unheard {
    line: Mutex<Line>,
    /// Held by who works them off, so that each is tried by one alone.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Line {
    answers: VecDeque<Answered>,
    bytes: usize,
    /// How often the first one was tried.
    tries: u32,
}

impl Unheard {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.line().answers.is_empty()
    }

    /// Whether an answer to this command waits.
    pub(crate) fn has(&self, id: CommandId) -> bool {
        let id = id.to_string();
        let is_of = |answer: &Answered| {
            ResponseTopic::read(&answer.topic).is_some_and(|topic| topic.id == id)
        };
        self.line().answers.iter().any(is_of)
    }

    /// Puts an answer behind the others.
    ///
    /// # Errors
    /// [`CommandError::Unheard`] where there is no room.
    pub(crate) fn put(&self, answer: Answered) -> Result<(), CommandError> {
        let mut line = self.line();
        let bytes = line.bytes + answer.bytes();
        if line.answers.len() >= NUMBER || bytes > BYTES {
            return Err(CommandError::Unheard(line.answers.len()));
        }
        line.bytes = bytes;
        line.answers.push_back(answer);
        Ok(())
    }

    fn first(&self) -> Option<Answered> {
        self.line().answers.front().cloned()
    }

    /// The first one is done with.
    fn drop_first(&self) {
        let mut line = self.line();
        line.tries = 0;
        if let Some(first) = line.answers.pop_front() {
            line.bytes -= first.bytes();
        }
    }

    /// The first one was tried in vain; whether it may be tried again.
    fn tried(&self) -> bool {
        let mut line = self.line();
        line.tries += 1;
        line.tries < TRIES
    }
}

impl Commands {
    /// Looks once more at the answers that could not be written down when they came, as [`Commands::tick`] does too.
    pub async fn look_again(&self) {
        let _turn = self.unheard.turn.lock().await;
        while let Some(answer) = self.unheard.first() {
            match self.answered(&answer).await {
                Ok(_) => self.unheard.drop_first(),
                Err(error) if error.is_passing() && self.unheard.tried() => return,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        topic = answer.topic,
                        "the answer to a command is in the table `messages` alone: it could not be written down"
                    );
                    self.unheard.drop_first();
                }
            }
        }
    }
}
