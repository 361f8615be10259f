//! The way of the control state's events into the log, and what else they set off on their way.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use trunkline_command::Commands;
use trunkline_ingest::Ingest;
use trunkline_issuer::Issuer;
use trunkline_model::{Event, catalogue};
use trunkline_store::outbox::{EventSink, SinkError};
use trunkline_topology::Topology;

/// Takes events from the outbox to the door of the log.
#[derive(Debug)]
pub(super) struct IntoLog {
    pub(super) ingest: Ingest,
    pub(super) issuer: Arc<Issuer>,
    pub(super) commands: Arc<Commands>,
    pub(super) topology: Arc<Topology>,
}

#[async_trait]
impl EventSink for IntoLog {
    async fn send(&self, event: &Event) -> Result<(), SinkError> {
        // First, so that an event whose effect failed comes again. Done twice, it changes nothing the second time.
        self.take_back(event).await?;
        self.forget(event).await?;
        self.ingest
            .append_events(std::slice::from_ref(event))
            .await?;
        Ok(())
    }
}

impl IntoLog {
    /// Forgets what other rooms know of a thing that is gone.
    async fn forget(&self, event: &Event) -> Result<(), SinkError> {
        if event.kind == catalogue::FLEET_THING_REMOVED
            && let (Some(thing), Some(until)) = (field(event, "thing"), event.time)
        {
            // One of the same name that was made since keeps what is its own.
            let by = field(event, "by").unwrap_or_default();
            self.commands.forget(&thing, &by, until).await?;
            self.topology.forget(&thing, &by, until).await?;
        }
        Ok(())
    }

    /// Takes back the tokens that the OpenID provider gave, where they no longer say the truth about their person.
    async fn take_back(&self, event: &Event) -> Result<(), SinkError> {
        let (field, reason) = match event.kind.as_str() {
            catalogue::ACCESS_SESSION_ENDED => {
                if let Some(session) = field(event, "session") {
                    self.issuer.end_session(&session).await?;
                }
                return Ok(());
            }
            catalogue::ACCESS_PERSON_DISABLED => ("account", "the person was disabled"),
            catalogue::ACCESS_PERSON_CHANGED => ("account", "the person changed"),
            catalogue::ACCESS_TEAM_JOINED | catalogue::ACCESS_TEAM_LEFT => {
                ("member", "the person's teams changed")
            }
            _ => return Ok(()),
        };
        if let Some(account) = self::field(event, field) {
            self.issuer.end_person(&account, reason).await?;
        }
        Ok(())
    }
}

/// The field `name` of the event's data, if it is text.
fn field(event: &Event, name: &str) -> Option<String> {
    let data: Value = serde_json::from_str(event.data.as_ref()?.get()).ok()?;
    data.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use trunkline_model::{SeededIds, Timestamp};

    use super::*;

    #[test]
    fn only_text_is_an_id() {
        let data = serde_json::json!({"account": "acc_1", "count": 3});
        let now = Timestamp::from_millis(1);
        let event = Event::platform("access", "t", "s", now, &SeededIds::new(1), &data).unwrap();
        assert_eq!(field(&event, "account").as_deref(), Some("acc_1"));
        assert_eq!(field(&event, "count"), None);
        assert_eq!(field(&event, "session"), None);
    }
}
