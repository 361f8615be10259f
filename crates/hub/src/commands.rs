//! Commands to devices: how they go out, and how the answers come back.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use trunkline_command::{Commands, Deliver, Delivery, NotDelivered, ResponseTopic};
use trunkline_log::Record;
use trunkline_model::Timestamp;
use trunkline_mqtt::{Broker, NotPublished, Outgoing, Received};

use crate::frame::{Frame, MESSAGE};

/// Answers that wait to be taken at the most. What finds no room is in the log and in `messages`, and its command times out.
const WAITING: usize = 4_096;
/// What the topics of commands begin with.
const PREFIX: &str = "cmd/";

/// Hands commands to the broker.
#[derive(Debug)]
pub(crate) struct ByBroker {
    pub(crate) broker: Broker,
    pub(crate) principal: Arc<str>,
    /// Cancelled once the broker remembers its sessions.
    pub(crate) awake: CancellationToken,
    /// Cancelled once it closes.
    pub(crate) closing: CancellationToken,
}

#[async_trait]
impl Deliver for ByBroker {
    fn serves(&self) -> bool {
        self.awake.is_cancelled() && !self.closing.is_cancelled()
    }

    async fn deliver(&self, delivery: Delivery) -> Result<(), NotDelivered> {
        if !self.serves() {
            return Err(NotDelivered::Later("it does not serve now".into()));
        }
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
        published.await.map_err(|error| match error {
            NotPublished::Topic | NotPublished::Payload => NotDelivered::Never(error.to_string()),
            NotPublished::NotKept(_) => NotDelivered::Later(error.to_string()),
        })
    }
}

/// A message that was kept and answers a command.
#[derive(Debug)]
struct Answer {
    received: Received,
    /// When it was kept.
    at: Timestamp,
}

/// Where answers are put once they are kept.
#[derive(Clone, Debug)]
pub(crate) struct Answers(mpsc::Sender<Answer>);

/// Where they come out.
#[derive(Debug)]
pub(crate) struct Answered {
    coming: mpsc::Receiver<Answer>,
    /// The one that is being written down. It stays here where that is broken off.
    current: Option<Answer>,
}

impl Answers {
    pub(crate) fn new() -> (Self, Answered) {
        let (answers, coming) = mpsc::channel(WAITING);
        let answered = Answered {
            coming,
            current: None,
        };
        (Self(answers), answered)
    }

    /// Looks for answers among messages that were kept at the time `at`.
    pub(crate) fn look_at(&self, messages: &[Received], at: Timestamp) {
        for received in messages {
            let topic = &received.message.topic;
            let answer = || Answer {
                received: received.clone(),
                at,
            };
            if topic.starts_with(PREFIX)
                && ResponseTopic::read(topic).is_some()
                && let Err(error) = self.0.try_send(answer())
            {
                tracing::warn!(%error, topic = &**topic, "the answer to a command is not looked at");
            }
        }
    }
}

/// Takes answers as long as there are any. It may be dropped at any point: an answer that was begun is taken again.
pub(crate) async fn take(commands: &Commands, answered: &mut Answered) {
    loop {
        if answered.current.is_none() {
            answered.current = answered.coming.recv().await;
        }
        let Some(answer) = &answered.current else {
            return;
        };
        hear(commands, answer).await;
        answered.current = None;
    }
}

/// Takes the answers that wait, once no more of them come: what is written down by the broker after this is not played again.
pub(crate) async fn finish(commands: &Commands, answered: &mut Answered) {
    let next = |answered: &mut Answered| {
        let current = answered.current.take();
        current.or_else(|| answered.coming.try_recv().ok())
    };
    while let Some(answer) = next(answered) {
        hear(commands, &answer).await;
    }
    commands.look_again().await;
}

/// Takes the answers once more that lie in a record of the log from `from` on: it may be that a crash came before they were taken.
pub(crate) async fn play(commands: &Commands, record: &Record, from: u64) {
    if record.kind != MESSAGE {
        return;
    }
    for (_, bytes) in record.messages().filter(|(place, _)| place.0 >= from) {
        if let Some(frame) = Frame::read(bytes)
            && frame.topic.starts_with(PREFIX)
        {
            let (message, at) = ((frame.topic, frame.payload), record.appended_at);
            look_at(commands, message, frame.principal, at).await;
        }
    }
}

async fn hear(commands: &Commands, answer: &Answer) {
    let message = &answer.received.message;
    let by = &answer.received.pass.principal;
    look_at(commands, (&message.topic, &message.payload), by, answer.at).await;
}

async fn look_at(commands: &Commands, (topic, payload): (&str, &[u8]), by: &str, at: Timestamp) {
    if let Err(error) = commands.look_at(topic, payload, by, at).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            topic,
            "the answer to a command is in the table `messages` alone: it could not be written down"
        );
    }
}
