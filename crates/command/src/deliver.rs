//! Handing commands to the broker.

use std::time::Duration;

use trunkline_model::Timestamp;

use crate::topic::{request, response};
use crate::{Command, CommandError, Commands, Delivery, store};

/// How long the broker may take. It is shorter than [`AGAIN`], so that nothing is handed over while it still is.
const PATIENCE: Duration = Duration::from_secs(2);
/// After how many microseconds a command that the broker has not taken is handed over again.
const AGAIN: i64 = 5_000_000;
/// Commands that are handed over again at once.
const PORTION: u32 = 100;

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
    /// Hands a command over; when that was, where it was taken.
    pub(crate) async fn hand_over(&self, command: &Command) -> Option<Timestamp> {
        let deliver = self.deliver.get()?;
        let handing_over = deliver.deliver(message(command, self.clock.now()));
        let taken = tokio::time::timeout(PATIENCE, handing_over).await;
        if let Err(reason) = taken.unwrap_or_else(|_| Err("it takes too long".into())) {
            let id = command.summary.id;
            tracing::warn!(%id, reason, "the broker did not take a command; it is handed over again");
            return None;
        }
        let now = self.clock.now();
        if let Err(error) = self.note_delivered(command, now).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "it was not written down that a command was delivered; it is handed over again"
            );
        }
        Some(now)
    }

    async fn note_delivered(&self, command: &Command, now: Timestamp) -> Result<(), CommandError> {
        let mut transaction = self.store.begin().await?;
        store::delivered(transaction.connection(), command.summary.id, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Hands over what the broker has not taken; it stops at the first that it does not take now either.
    pub(crate) async fn hand_over_again(&self) -> Result<(), CommandError> {
        if self.deliver.get().is_none() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut reader = self.store.readers().acquire().await?;
        let made = now.plus_micros(-AGAIN);
        let all = store::undelivered(&mut reader, made, now, PORTION).await?;
        drop(reader);
        for kept in all {
            if self.hand_over(&kept.command).await.is_none() {
                break;
            }
        }
        Ok(())
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
