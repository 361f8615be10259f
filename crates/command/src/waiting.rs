//! Requests that wait for a device's answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::{Command, CommandId};

/// Who waits for which command. There are never more of them than commands that wait for an answer.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Mutex<HashMap<CommandId, oneshot::Sender<Command>>>);

/// A place among those who wait; it is given up when this is dropped.
#[derive(Debug)]
pub(crate) struct Wait<'a> {
    waiting: &'a Waiting,
    id: CommandId,
    end: oneshot::Receiver<Command>,
}

impl Waiting {
    fn senders(&self) -> MutexGuard<'_, HashMap<CommandId, oneshot::Sender<Command>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end of a command from now on.
    pub(crate) fn begin(&self, id: CommandId) -> Wait<'_> {
        let (sender, end) = oneshot::channel();
        self.senders().insert(id, sender);
        Wait {
            waiting: self,
            id,
            end,
        }
    }

    /// Tells who waits for it that a command is over.
    pub(crate) fn ended(&self, command: &Command) {
        let sender = self.senders().remove(&command.summary.id);
        if let Some(sender) = sender {
            // Who has gone meanwhile need not know.
            drop(sender.send(command.clone()));
        }
    }

    /// Ends every wait.
    pub(crate) fn close(&self) {
        self.senders().clear();
    }
}

impl Wait<'_> {
    /// The command once it is over; nothing where that takes longer than `patience`, and where nobody is to wait any more.
    pub(crate) async fn end(mut self, patience: Duration) -> Option<Command> {
        let ended = tokio::time::timeout(patience, &mut self.end).await;
        ended.ok()?.ok()
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waiting.senders().remove(&self.id);
    }
}
