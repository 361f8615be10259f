//! How the broker remembers: what clients are done with, every second; a checkpoint, every few seconds; and at the start, both.

use std::error::Error;
use std::sync::Arc;

use trunkline_command::Commands;
use trunkline_log::{EventLog, LogError, Offset, Record};
use trunkline_model::Clock;
use trunkline_mqtt::{Broker, Entry};
use trunkline_store::{Store, StoreError};

use crate::TopicRules;
use crate::commands;
use crate::frame::{Frame, MESSAGE, SESSION};
use crate::shelf::Shelf;

/// The cursor that holds what has to be played again.
const CURSOR: &str = "mqtt";
/// What topics begin with on which devices tell the names of their metrics.
const SPARKPLUG: &str = "spBv1.0/";
/// How much of the log is read at once.
const READ: usize = 4 << 20;
/// Seconds from one checkpoint to the next: so much of the log is played again at the most, and a little.
const CHECKPOINT: u32 = 10;

/// The memory of a broker.
#[derive(Debug)]
pub(crate) struct Memory {
    broker: Broker,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    shelf: Shelf,
    rules: Arc<TopicRules>,
    /// The names of metrics as they were last written down.
    aliases: Option<String>,
    last: Option<u64>,
    seconds: u32,
}

impl Memory {
    /// Gives `broker` what was written down, and plays again what came after.
    pub(crate) async fn wake(
        broker: Broker,
        (log, store): (Arc<dyn EventLog>, Store),
        rules: Arc<TopicRules>,
        commands: &Commands,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, MemoryError> {
        let shelf = Shelf::open(store).await?;
        let next = log.bounds().next.0;
        if let Some(mut shelved) = shelf.take(clock.now()).await? {
            if shelved.from > next {
                tracing::warn!(
                    from = shelved.from,
                    next,
                    "the log is another than the sessions were written down for: what waited for clients is lost"
                );
                for image in &mut shelved.sessions {
                    image.waiting.clear();
                    image.flights.clear();
                }
            }
            if let Some(aliases) = &shelved.aliases {
                rules.restore_aliases(aliases);
            }
            broker.restore(shelved.sessions, shelved.retained);
            play((&broker, &rules), commands, &*log, shelved.from).await?;
        }
        broker.replayed();
        let mut memory = Self {
            broker,
            log,
            clock,
            shelf,
            rules,
            aliases: None,
            last: None,
            seconds: 0,
        };
        // The first one says that before this place there was no session.
        memory.checkpoint().await;
        Ok(memory)
    }

    /// To be called every second.
    pub(crate) async fn tick(&mut self) {
        if self.broker.settle().await.is_err() {
            tracing::debug!("what clients are done with could not be written down");
        }
        self.seconds += 1;
        if self.seconds >= CHECKPOINT {
            self.seconds = 0;
            self.checkpoint().await;
        }
    }

    /// Writes down what changed.
    pub(crate) async fn checkpoint(&mut self) {
        let checkpoint = self.broker.checkpoint();
        let aliases = self
            .rules
            .aliases()
            .filter(|aliases| self.aliases.as_ref() != Some(aliases));
        let nothing = aliases.is_none()
            && checkpoint.sessions.is_empty()
            && checkpoint.forgotten.is_empty()
            && checkpoint.retained.is_empty();
        if nothing && self.last == Some(checkpoint.from) {
            return;
        }
        if let Err(error) = self.shelf.put(&checkpoint, aliases.as_deref()).await {
            tracing::warn!(
                error = &error as &dyn Error,
                "the broker's sessions could not be written down"
            );
            self.broker.changed_all();
            return;
        }
        self.last = Some(checkpoint.from);
        self.aliases = aliases.or(self.aliases.take());
        let committed = self.log.commit(CURSOR, Offset(checkpoint.from), true).await;
        if let Err(error) = committed {
            tracing::warn!(
                error = &error as &dyn Error,
                "the broker's place in the log could not be written down"
            );
        }
        tracing::trace!(at = %self.clock.now(), from = checkpoint.from, "the broker's sessions are written down");
    }
}

/// Plays the log from `from` on.
async fn play(
    to: (&Broker, &TopicRules),
    commands: &Commands,
    log: &dyn EventLog,
    from: u64,
) -> Result<(), LogError> {
    let mut next = Offset(from).max(log.bounds().first);
    loop {
        let records = match log.read(next, READ).await {
            Ok(records) => records,
            Err(LogError::Corrupt { .. }) => {
                let after = log.next_readable(next).await?;
                tracing::warn!(from = %next, to = %after, "a damaged part of the log was passed over: messages may be missing");
                next = after;
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(last) = records.last() else {
            return Ok(());
        };
        next = last.next();
        for record in &records {
            play_record(to, record, from);
            commands::play(commands, record, from).await;
        }
    }
}

fn play_record((broker, rules): (&Broker, &TopicRules), record: &Record, from: u64) {
    let at = record.appended_at;
    for (place, bytes) in record.messages().filter(|(place, _)| place.0 >= from) {
        match record.kind {
            MESSAGE => {
                if let Some(frame) = Frame::read(bytes) {
                    if frame.topic.starts_with(SPARKPLUG) {
                        rules.learn(frame.topic, frame.payload, at);
                    }
                    broker.replay(&frame.stored(at), place.0);
                }
            }
            SESSION => match serde_json::from_slice::<Entry>(bytes) {
                Ok(entry) => broker.replay_entry(&entry, at),
                Err(error) => {
                    tracing::warn!(%error, place = place.0, "what became of a session cannot be read");
                }
            },
            _ => {}
        }
    }
}

/// Why a broker does not remember.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemoryError {
    /// The tables cannot be used.
    #[error("the broker's tables cannot be used")]
    Store(#[from] StoreError),
    /// The log cannot be read.
    #[error("the broker's part of the log cannot be read")]
    Log(#[from] LogError),
}
