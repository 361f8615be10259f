//! The events of commands. All that happens to one belongs to the chain that begins when it is made.

use serde::Serialize;
use serde_json::value::RawValue;
use trunkline_model::{Event, Timestamp, catalogue};
use trunkline_store::{Transaction, outbox};

use crate::answer::Answer;
use crate::store::Kept;
use crate::{Command, CommandError, CommandId, CommandStatus, CommandSummary, Commands};

/// What each event says.
#[derive(Serialize)]
struct About<'a, T> {
    command: CommandId,
    thing: &'a str,
    name: &'a str,
    #[serde(flatten)]
    more: T,
}

#[derive(Serialize)]
struct Sent<'a> {
    payload: Option<&'a RawValue>,
    deadline: Timestamp,
    by: &'a str,
}

#[derive(Serialize)]
struct Answered<'a> {
    /// How far the command was when the answer came too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<CommandStatus>,
    status: CommandStatus,
    result: Option<&'a RawValue>,
    binary: bool,
    reason: Option<&'a str>,
    by: &'a str,
}

#[derive(Serialize)]
struct Cancelled<'a> {
    by: &'a str,
}

#[derive(Serialize)]
struct TimedOut {
    /// Whether the broker took it at all.
    delivered: bool,
}

impl<'a> Answered<'a> {
    fn new(answer: &'a Answer, over: Option<CommandStatus>, by: &'a str) -> Self {
        Self {
            over,
            status: answer.status,
            result: answer.result.as_deref(),
            binary: answer.binary,
            reason: answer.reason.as_deref(),
            by,
        }
    }
}

impl Commands {
    fn event(
        &self,
        kind: &str,
        about: &CommandSummary,
        more: impl Serialize,
    ) -> Result<Event, CommandError> {
        let data = About {
            command: about.id,
            thing: &about.thing,
            name: &about.name,
            more,
        };
        let now = self.clock.now();
        let event = Event::platform("command", kind, &about.thing, now, &*self.ids, &data)?;
        Ok(event)
    }

    /// The event that a command was made.
    pub(crate) fn sent(&self, command: &Command) -> Result<Event, CommandError> {
        let Command {
            summary, payload, ..
        } = command;
        let data = Sent {
            payload: payload.as_deref(),
            deadline: summary.deadline,
            by: &summary.by,
        };
        self.event(catalogue::FLEET_COMMAND_SENT, summary, data)
    }

    async fn put(
        &self,
        transaction: &mut Transaction,
        kind: &str,
        kept: &Kept,
        more: impl Serialize,
    ) -> Result<(), CommandError> {
        let mut event = self.event(kind, &kept.command.summary, more)?;
        event.correlationid = Some(kept.cause.clone());
        event.causationid = Some(kept.cause.clone());
        Ok(outbox::put(transaction, &event).await?)
    }

    pub(crate) async fn put_answered(
        &self,
        transaction: &mut Transaction,
        kept: &Kept,
        answer: &Answer,
        by: &str,
    ) -> Result<(), CommandError> {
        let kind = catalogue::FLEET_COMMAND_ANSWERED;
        let data = Answered::new(answer, None, by);
        self.put(transaction, kind, kept, data).await
    }

    pub(crate) async fn put_late(
        &self,
        transaction: &mut Transaction,
        kept: &Kept,
        answer: &Answer,
        by: &str,
    ) -> Result<(), CommandError> {
        let kind = catalogue::FLEET_COMMAND_LATE;
        let data = Answered::new(answer, Some(kept.command.summary.status), by);
        self.put(transaction, kind, kept, data).await
    }

    pub(crate) async fn put_cancelled(
        &self,
        transaction: &mut Transaction,
        kept: &Kept,
        by: &str,
    ) -> Result<(), CommandError> {
        let kind = catalogue::FLEET_COMMAND_CANCELLED;
        self.put(transaction, kind, kept, Cancelled { by }).await
    }

    pub(crate) async fn put_timed_out(
        &self,
        transaction: &mut Transaction,
        kept: &Kept,
    ) -> Result<(), CommandError> {
        let kind = catalogue::FLEET_COMMAND_TIMED_OUT;
        let delivered = kept.command.summary.delivered.is_some();
        self.put(transaction, kind, kept, TimedOut { delivered })
            .await
    }
}
