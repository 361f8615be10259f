//! Topics that the platform answers itself: those of shadows.

use std::sync::Arc;

use async_trait::async_trait;
use trunkline_fleet::{Fleet, FleetError, Tell, Told, TwinRequest};
use trunkline_mqtt::{Broker, Message, NotKept, Received, Reply, Reserved};
use trunkline_twin::Topic;

/// Answers on the topics of shadows.
#[derive(Debug)]
pub(crate) struct Shadows(pub(crate) Arc<Fleet>);

#[async_trait]
impl Reserved for Shadows {
    async fn handle(&self, received: &Received) -> Result<Vec<Reply>, NotKept> {
        // Other reserved topics have nobody who answers; like AWS, nobody says so.
        let Some(topic) = Topic::read(&received.message.topic) else {
            return Ok(Vec::new());
        };
        let request = TwinRequest {
            thing: topic.thing.to_owned(),
            shadow: topic.shadow.map(ToOwned::to_owned),
            operation: topic.operation,
            payload: received.message.payload.to_vec(),
            by: received.pass.principal.to_string(),
        };
        match self.0.twin(request).await {
            Ok(answer) => Ok(answer.told.into_iter().map(reply).collect()),
            Err(FleetError::Invalid(_)) => Ok(Vec::new()),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a twin was not changed"
                );
                Err(NotKept)
            }
        }
    }
}

fn reply(told: Told) -> Reply {
    Reply {
        topic: told.topic,
        payload: told.document.to_string().into(),
    }
}

/// Reaches who listens at the broker.
#[derive(Debug)]
pub(crate) struct Listeners(pub(crate) Broker);

impl Tell for Listeners {
    fn tell(&self, messages: Vec<Told>) {
        for told in messages {
            let payload = told.document.to_string().into();
            self.0.tell(Message::own(told.topic, payload));
        }
    }

    fn disconnect(&self, thing: &str) {
        self.0.revoke(thing);
    }
}
