//! Handing commands to the broker.

use std::time::{Duration, Instant};

use trunkline_model::Timestamp;

use crate::topic::{request, response};
use crate::{Command, CommandError, CommandId, Commands, Delivery, NotDelivered, store};

/// How long the broker may take. It is shorter than [`AGAIN`], so that nothing is handed over while it still is.
const PATIENCE: Duration = Duration::from_secs(2);
/// After how many microseconds a command that the broker has not taken is handed over again.
const AGAIN: i64 = 5_000_000;
/// How long handing over again may take at a time.
const TURN: Duration = Duration::from_secs(1);
/// Commands that are read together to be handed over again.
const PORTION: u32 = 100;
/// Who calls off what the broker does not take.
const PLATFORM: &str = "platform";

/// What became of handing a command over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    /// The broker holds it, since then.
    Taken(Timestamp),
    /// It is over, or gone: nobody is told of it.
    Over,
    /// The broker takes none now.
    NotNow,
}

/// The message to the device.
fn message(command: &Command, now: Timestamp) -> Delivery {
    let about = &command.summary;
    let left = about.deadline.micros_since(now).max(1);
    let expires = u32::try_from(left.unsigned_abs().div_ceil(1_000_000));
    Delivery {
        topic: request(&about.thing, &about.name, about.id),
        payload: command
            .payload
            .as_ref()
            .map(|json| json.get().as_bytes().to_vec())
            .unwrap_or_default(),
        response_topic: response(&about.thing, &about.name, about.id),
        correlation: about.id.to_string(),
        expires_seconds: expires.unwrap_or(u32::MAX),
    }
}

impl Commands {
    /// Hands a command over that is still open: it may have been called off, or have run out of time, since it was looked at last.
    pub(crate) async fn hand_over(&self, id: CommandId) -> Handed {
        let Some(deliver) = self.deliver.get() else {
            return Handed::NotNow;
        };
        let command = match self.still_open(id).await {
            Ok(Some(command)) => command,
            Ok(None) => return Handed::Over,
            Err(error) => {
                tracing::warn!(
                    %id,
                    error = &error as &dyn std::error::Error,
                    "a command could not be read; it is handed over again"
                );
                return Handed::NotNow;
            }
        };
        if let Some(delivered) = command.summary.delivered {
            return Handed::Taken(delivered);
        }
        let handing_over = deliver.deliver(message(&command, self.clock.now()));
        let taken = tokio::time::timeout(PATIENCE, handing_over).await;
        match taken.unwrap_or_else(|_| Err(NotDelivered::Later("it takes too long".into()))) {
            Ok(()) => {}
            Err(NotDelivered::Later(reason)) => {
                tracing::warn!(%id, reason, "the broker did not take a command; it is handed over again");
                return Handed::NotNow;
            }
            Err(NotDelivered::Never(reason)) => {
                return self.give_up(id, &reason).await;
            }
        }
        let now = self.clock.now();
        if let Err(error) = self.note_delivered(id, now).await {
            tracing::warn!(
                %id,
                error = &error as &dyn std::error::Error,
                "it was not written down that a command was delivered; it is handed over again"
            );
        }
        Handed::Taken(now)
    }

    /// A command that a device may still be told of.
    async fn still_open(&self, id: CommandId) -> Result<Option<Command>, CommandError> {
        let mut reader = self.store.readers().acquire().await?;
        let kept = store::one(&mut reader, id).await?;
        let now = self.clock.now();
        let is_open =
            |command: &Command| command.summary.ended.is_none() && now < command.summary.deadline;
        Ok(kept.map(|kept| kept.command).filter(is_open))
    }

    /// Calls a command off that the broker will never take, so that nobody waits for its deadline.
    async fn give_up(&self, id: CommandId, reason: &str) -> Handed {
        let reason = format!("the broker does not take it: {reason}");
        tracing::warn!(%id, reason, "a command is called off");
        match self.cancel_for(id, PLATFORM, Some(reason)).await {
            Ok(_) | Err(CommandError::Over(_) | CommandError::Unknown(_)) => Handed::Over,
            Err(error) => {
                tracing::warn!(
                    %id,
                    error = &error as &dyn std::error::Error,
                    "a command could not be called off"
                );
                Handed::NotNow
            }
        }
    }

    async fn note_delivered(&self, id: CommandId, now: Timestamp) -> Result<(), CommandError> {
        let mut transaction = self.store.begin().await?;
        store::delivered(transaction.connection(), id, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Hands over what the broker has not taken, the oldest first; it stops where the broker takes nothing now either.
    pub(crate) async fn hand_over_again(&self) -> Result<(), CommandError> {
        if !self.is_served() {
            return Ok(());
        }
        let now = self.clock.now();
        let (made, mut after) = (now.plus_micros(-AGAIN), None);
        let until = Instant::now() + TURN;
        loop {
            let mut reader = self.store.readers().acquire().await?;
            let ids = store::undelivered(&mut reader, made, now, after, PORTION).await?;
            drop(reader);
            let Some(last) = ids.last() else {
                return Ok(());
            };
            after = Some(*last);
            for id in ids {
                // What is left is handed over at the next tick: others must not wait for a slow broker.
                if self.hand_over(id).await == Handed::NotNow || Instant::now() >= until {
                    return Ok(());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommandId, CommandStatus, CommandSummary};

    #[test]
    fn the_broker_holds_a_message_until_the_deadline() {
        let made = Timestamp::from_millis(1_000);
        let summary = CommandSummary {
            id: CommandId::new(trunkline_model::Ulid::from(7)),
            thing: "pump-7".into(),
            name: "reboot".into(),
            status: CommandStatus::Sent,
            reason: None,
            by: "acc_1".into(),
            created: made,
            deadline: made.plus_micros(30_000_000),
            delivered: None,
            ended: None,
        };
        let command = Command {
            summary,
            payload: None,
            result: None,
            binary: false,
        };
        let after = |micros| message(&command, made.plus_micros(micros)).expires_seconds;
        assert_eq!((after(0), after(1), after(29_000_001)), (30, 30, 1));
        // The device's clock is not ours: too late is for the one who takes the answer to say.
        assert_eq!(after(31_000_000), 1);
        let message = message(&command, made);
        assert_eq!(
            message.topic,
            "cmd/pump-7/reboot/req/cmd_00000000000000000000000007"
        );
        assert_eq!(
            message.response_topic,
            message.topic.replace("/req/", "/res/")
        );
        assert!(message.payload.is_empty());
    }
}
