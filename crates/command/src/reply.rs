//! Taking what devices answer.

use trunkline_model::Timestamp;

use crate::answer::Answer;
use crate::store::{self, Kept};
use crate::unheard::Answered;
use crate::{CommandError, CommandId, CommandStatus, Commands, ResponseTopic};

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It ended the command.
    Taken,
    /// The command was over; that an answer came is an event and no more.
    Late,
    /// There was an answer before, or a late one was told of already.
    Again,
    /// There is no such command of this device, or it is no answer.
    Unknown,
    /// It cannot be written down now; it is looked at again for a minute.
    Waits,
}

/// What an answer is worth that came at the time `at`.
fn worth(kept: &Kept, at: Timestamp) -> Heard {
    let about = &kept.command.summary;
    match about.status {
        CommandStatus::Sent if at < about.deadline => Heard::Taken,
        CommandStatus::Succeeded | CommandStatus::Failed => Heard::Again,
        CommandStatus::TimedOut | CommandStatus::Cancelled if kept.late => Heard::Again,
        CommandStatus::Sent | CommandStatus::TimedOut | CommandStatus::Cancelled => Heard::Late,
    }
}

impl Commands {
    /// Looks at a message that `by` sent to `topic` and that the log took at the time `at`: where it answers a command, what it changed is
    /// durable when this returns. It does no harm to look at one message several times.
    ///
    /// # Errors
    /// [`CommandError`] where it cannot be written down, now or later: it is in the log alone then.
    pub async fn look_at(
        &self,
        topic: &str,
        payload: &[u8],
        by: &str,
        at: Timestamp,
    ) -> Result<Heard, CommandError> {
        if ResponseTopic::read(topic).is_none() {
            return Ok(Heard::Unknown);
        }
        let answer = Answered {
            topic: topic.to_owned(),
            payload: payload.to_vec(),
            by: by.to_owned(),
            at,
        };
        // Behind those that wait: of several answers to a command the first counts.
        if self.unheard.is_empty() {
            match self.answered(&answer).await {
                Err(error) if error.is_passing() => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    topic,
                    "the answer to a command cannot be written down now; it is tried again"
                ),
                heard => return heard,
            }
        }
        self.unheard.put(answer)?;
        Ok(Heard::Waits)
    }

    /// Takes an answer. What it changed is durable when this returns.
    pub(crate) async fn answered(&self, answer: &Answered) -> Result<Heard, CommandError> {
        let Some(topic) = ResponseTopic::read(&answer.topic) else {
            return Ok(Heard::Unknown);
        };
        let Ok(id) = topic.id.parse::<CommandId>() else {
            return Ok(Heard::Unknown);
        };
        // Reading first: a device that repeats itself must not take the turn of those who change something.
        let mut reader = self.store.readers().acquire().await?;
        let kept = store::one(&mut reader, id).await?;
        drop(reader);
        let is_meant = |kept: &Kept| {
            let about = &kept.command.summary;
            about.thing == topic.thing && about.name == topic.name
        };
        let Some(kept) = kept.filter(is_meant) else {
            return Ok(Heard::Unknown);
        };
        if worth(&kept, answer.at) == Heard::Again {
            return Ok(Heard::Again);
        }
        let read = Answer::read(&answer.payload);
        self.take(id, &read, &answer.by, answer.at).await
    }

    async fn take(
        &self,
        id: CommandId,
        answer: &Answer,
        by: &str,
        at: Timestamp,
    ) -> Result<Heard, CommandError> {
        let mut transaction = self.store.begin().await?;
        // Once more: it may have ended meanwhile, or be swept.
        let Some(mut kept) = store::one(transaction.connection(), id).await? else {
            return Ok(Heard::Unknown);
        };
        let worth = worth(&kept, at);
        let was_open = kept.command.summary.ended.is_none();
        match worth {
            Heard::Taken => {
                // By a clock that was set back it was over before it was made.
                kept.end(answer.status, at.max(kept.command.summary.created));
                kept.command.summary.reason.clone_from(&answer.reason);
                kept.command.result.clone_from(&answer.result);
                kept.command.binary = answer.binary;
                store::end(transaction.connection(), &kept.command).await?;
                self.put_answered(&mut transaction, &kept, answer, by)
                    .await?;
            }
            Heard::Late => {
                if was_open {
                    let now = self.clock.now();
                    self.end_in_vain(&mut transaction, &mut kept, now).await?;
                }
                store::note_late(transaction.connection(), id).await?;
                self.put_late(&mut transaction, &kept, answer, by).await?;
            }
            Heard::Again | Heard::Unknown | Heard::Waits => return Ok(worth),
        }
        transaction.commit().await?;
        if was_open {
            self.waiting.ended(&kept.command);
        }
        Ok(worth)
    }
}
