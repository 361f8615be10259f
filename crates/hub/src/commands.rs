//! Commands to devices: how they go out, and how the answers come back.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use trunkline_command::{Commands, Deliver, Delivery, ResponseTopic};
use trunkline_mqtt::{Broker, Outgoing, Received};

/// Answers that wait to be taken at the most. What finds no room is in the log and in `messages`, and its command times out.
const WAITING: usize = 4_096;
/// What the topics of commands begin with.
const PREFIX: &str = "cmd/";

/// Hands commands to the broker.
#[derive(Debug)]
pub(crate) struct ByBroker {
    pub(crate) broker: Broker,
    pub(crate) principal: Arc<str>,
}

#[async_trait]
impl Deliver for ByBroker {
    async fn deliver(&self, delivery: Delivery) -> Result<(), String> {
        let outgoing = Outgoing {
            topic: delivery.topic,
            payload: delivery.payload.into(),
            at_least_once: true,
            content_type: Some("application/json".into()),
            response_topic: Some(delivery.response_topic),
            correlation: Some(delivery.correlation.into_bytes()),
            expiry: Some(delivery.expires_seconds),
            ..Outgoing::default()
        };
        let published = self.broker.publish(outgoing, Arc::clone(&self.principal));
        published.await.map_err(|error| error.to_string())
    }
}

/// Where answers are put once they are kept.
#[derive(Clone, Debug)]
pub(crate) struct Answers(mpsc::Sender<Received>);

/// Where they come out.
pub(crate) type Answered = mpsc::Receiver<Received>;

impl Answers {
    pub(crate) fn new() -> (Self, Answered) {
        let (answers, answered) = mpsc::channel(WAITING);
        (Self(answers), answered)
    }

    /// Looks for answers among messages that were kept.
    pub(crate) fn look_at(&self, messages: &[Received]) {
        for received in messages {
            let topic = &received.message.topic;
            if topic.starts_with(PREFIX)
                && ResponseTopic::read(topic).is_some()
                && let Err(error) = self.0.try_send(received.clone())
            {
                tracing::warn!(%error, topic = &**topic, "the answer to a command is not looked at");
            }
        }
    }
}

/// Takes answers as long as there are any.
pub(crate) async fn take(commands: &Commands, answered: &mut Answered) {
    while let Some(received) = answered.recv().await {
        let message = &received.message;
        let Some(topic) = ResponseTopic::read(&message.topic) else {
            continue;
        };
        let by = &received.pass.principal;
        let taken = commands.answered(topic.thing, topic.name, topic.id, &message.payload, by);
        if let Err(error) = taken.await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the answer to a command could not be written down"
            );
        }
    }
}
