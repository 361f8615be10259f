//! Taking what devices answer.

use trunkline_model::Timestamp;

use crate::answer::Answer;
use crate::store::{self, Kept};
use crate::{CommandError, CommandId, CommandStatus, Commands};

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It ended the command.
    Taken,
    /// The command was over; that an answer came is an event and no more.
    Late,
    /// There was an answer before, or a late one was told of already.
    Again,
    /// There is no such command of this device.
    Unknown,
}

/// What an answer is worth that comes now.
fn worth(kept: &Kept, now: Timestamp) -> Heard {
    let about = &kept.command.summary;
    match about.status {
        CommandStatus::Sent if now < about.deadline => Heard::Taken,
        CommandStatus::Succeeded | CommandStatus::Failed => Heard::Again,
        CommandStatus::TimedOut | CommandStatus::Cancelled if kept.late => Heard::Again,
        CommandStatus::Sent | CommandStatus::TimedOut | CommandStatus::Cancelled => Heard::Late,
    }
}

impl Commands {
    /// Takes an answer that came from `by` on the topic of the command `id`, which was to do `name`, of `thing`. What it changed is durable
    /// when this returns.
    ///
    /// # Errors
    /// [`CommandError::Store`] when the command cannot be read or written; the answer should come again then.
    pub async fn answered(
        &self,
        thing: &str,
        name: &str,
        id: &str,
        payload: &[u8],
        by: &str,
    ) -> Result<Heard, CommandError> {
        let Ok(id) = id.parse::<CommandId>() else {
            return Ok(Heard::Unknown);
        };
        // Reading first: a device that repeats itself must not take the turn of those who change something.
        let mut reader = self.store.readers().acquire().await?;
        let kept = store::one(&mut reader, id).await?;
        drop(reader);
        let is_meant = |kept: &Kept| {
            let about = &kept.command.summary;
            about.thing == thing && about.name == name
        };
        let Some(kept) = kept.filter(is_meant) else {
            return Ok(Heard::Unknown);
        };
        if worth(&kept, self.clock.now()) == Heard::Again {
            return Ok(Heard::Again);
        }
        self.take(id, &Answer::read(payload), by).await
    }

    async fn take(&self, id: CommandId, answer: &Answer, by: &str) -> Result<Heard, CommandError> {
        let mut transaction = self.store.begin().await?;
        let now = self.clock.now();
        // Once more: it may have ended meanwhile, or be swept.
        let Some(mut kept) = store::one(transaction.connection(), id).await? else {
            return Ok(Heard::Unknown);
        };
        let worth = worth(&kept, now);
        let was_open = kept.command.summary.ended.is_none();
        match worth {
            Heard::Taken => {
                kept.end(answer.status, now);
                kept.command.summary.reason.clone_from(&answer.reason);
                kept.command.result.clone_from(&answer.result);
                kept.command.binary = answer.binary;
                store::end(transaction.connection(), &kept.command).await?;
                self.put_answered(&mut transaction, &kept, answer, by)
                    .await?;
            }
            Heard::Late => {
                if was_open {
                    self.end_in_vain(&mut transaction, &mut kept, now).await?;
                }
                store::note_late(transaction.connection(), id).await?;
                self.put_late(&mut transaction, &kept, answer, by).await?;
            }
            Heard::Again | Heard::Unknown => return Ok(worth),
        }
        transaction.commit().await?;
        if was_open {
            self.waiting.ended(&kept.command);
        }
        Ok(worth)
    }
}
