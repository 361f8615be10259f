//! Telling people what becomes of what they pushed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gix::ObjectId;
use tokio::sync::broadcast;

/// Lines that a slow listener may lag behind.
const LAG: usize = 512;

/// What became of what was pushed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is in the trunk, which was at `old` before.
    Landed {
        old: Option<ObjectId>,
        new: ObjectId,
    },
    /// It is not, for this reason.
    Refused(String),
    /// Somebody took it back.
    Withdrawn,
    /// The platform stops, and goes on with it later.
    Stopped,
}

/// Something that a listener is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// A line for people.
    Line(String),
    /// The end.
    Ended(Outcome),
}

/// Who is told, by what they pushed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Mutex<HashMap<String, broadcast::Sender<Note>>>>);

/// Listens to what becomes of one landing.
#[derive(Debug)]
pub(crate) struct Follower(broadcast::Receiver<Note>);

impl Notes {
    /// Begins to tell of a landing.
    pub(crate) fn begin(&self, landing: &str) -> Follower {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = all
            .entry(landing.to_owned())
            .or_insert_with(|| broadcast::channel(LAG).0);
        Follower(sender.subscribe())
    }

    /// Listens to a landing that is told of.
    pub(crate) fn follow(&self, landing: &str) -> Option<Follower> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(landing).map(|sender| Follower(sender.subscribe()))
    }

    /// How many landings are told of.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Tells a line.
    pub(crate) fn line(&self, landing: &str, line: impl Into<String>) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = all.get(landing) {
            // Nobody has to listen.
            let _listeners = sender.send(Note::Line(line.into()));
        }
    }

    /// Tells the end.
    pub(crate) fn end(&self, landing: &str, outcome: Outcome) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = all.remove(landing) {
            let _listeners = sender.send(Note::Ended(outcome));
        }
    }

    /// Tells everybody that the platform stops.
    pub(crate) fn stop(&self) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, sender) in all.drain() {
            let _listeners = sender.send(Note::Ended(Outcome::Stopped));
        }
    }
}

impl Follower {
    /// What comes next. Lines that a slow listener missed are left out, the end never is.
    pub(crate) async fn next(&mut self) -> Note {
        loop {
            match self.0.recv().await {
                Ok(note) => return note,
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return Note::Ended(Outcome::Stopped),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_is_told_to_who_lags_behind() {
        let notes = Notes::default();
        let mut follower = notes.begin("a");
        for number in 0..LAG * 2 {
            notes.line("a", number.to_string());
        }
        notes.end("a", Outcome::Withdrawn);
        assert_eq!(notes.len(), 0);
        let mut lines = 0;
        let end = loop {
            match follower.next().await {
                Note::Line(_) => lines += 1,
                Note::Ended(outcome) => break outcome,
            }
        };
        assert_eq!(end, Outcome::Withdrawn);
        assert!(lines < LAG * 2);
        assert!(notes.follow("a").is_none());
    }
}
