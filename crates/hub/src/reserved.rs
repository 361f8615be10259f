//! Topics that the platform answers itself: those of shadows, jobs and provisioning.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use trunkline_fleet::{Fleet, FleetError, Tell, Told, TwinRequest};
use trunkline_mqtt::{Audience, Broker, Message, NotKept, Received, Reply, Reserved};
use trunkline_twin::Topic;

use crate::provisioning;

/// Answers on reserved topics.
#[derive(Debug)]
pub(crate) struct Platform(pub(crate) Arc<Fleet>);

#[async_trait]
impl Reserved for Platform {
    async fn handle(
        &self,
        received: &Received,
        heard: &Audience<'_>,
    ) -> Result<Vec<Reply>, NotKept> {
        let replies = |told: Vec<Told>| told.into_iter().filter_map(|told| reply(told, heard));
        if let Some(reply) = provisioning::answer(&self.0, received).await {
            return Ok(vec![reply]);
        }
        if let Some(told) = self.jobs(received).await? {
            return Ok(replies(told).collect());
        }
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
            Ok(answer) => Ok(replies(answer.told).collect()),
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

impl Platform {
    /// What is told of a request about jobs; nothing where the message is none.
    async fn jobs(&self, received: &Received) -> Result<Option<Vec<Told>>, NotKept> {
        let message = &received.message;
        let Some((thing, rest)) = message
            .topic
            .strip_prefix("$aws/things/")
            .and_then(|rest| rest.split_once('/'))
        else {
            return Ok(None);
        };
        if !rest.starts_with("jobs/") {
            return Ok(None);
        }
        let told = self.0.job_request(thing, &message.topic, &message.payload);
        told.await.map_err(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a request about jobs was not worked off"
            );
            NotKept
        })
    }
}

/// What is told, where anybody hears it.
fn reply(told: Told, heard: &Audience<'_>) -> Option<Reply> {
    let payload = heard(&told.topic).then(|| payload(&told)).flatten()?;
    Some(Reply {
        private: false,
        topic: told.topic,
        payload,
    })
}

fn payload(told: &Told) -> Option<Bytes> {
    told.body.text().map(|text| text.into_owned().into())
}

/// Reaches who listens at the broker.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) broker: Broker,
    /// Cancelled once the broker remembers who wants what.
    pub(crate) awake: CancellationToken,
}

/// How long a message waits for a broker that is still waking. One that never wakes has nobody who listens.
const WAKING: Duration = Duration::from_secs(30);

impl Tell for Listeners {
    fn tell(&self, messages: Vec<Told>) {
        let (broker, awake) = (self.broker.clone(), self.awake.clone());
        tokio::spawn(async move {
            drop(tokio::time::timeout(WAKING, awake.cancelled()).await);
            for told in messages {
                if broker.is_heard(&told.topic)
                    && let Some(payload) = payload(&told)
                {
                    broker.tell(Message::own(told.topic, payload)).await;
                }
            }
        });
    }

    fn disconnect(&self, credential: &str) {
        self.broker.revoke(credential);
    }
}
