//! The way of messages into the log, and back.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use trunkline_log::{Batch, EventLog, LogError, Offset, Record, RecordKind};
use trunkline_model::Clock;
use trunkline_mqtt::{Entry, Journal, Message, NotKept, Received};

use crate::TopicRules;
use crate::commands::Answers;
use crate::frame::{self, Frame, MESSAGE, SESSION};
use crate::gather::{Gather, Part};

/// How much of the log is read at once to fetch messages. Those that wait for a client mostly lie near one another.
const READ: usize = 64 * 1024;

/// Writes messages to the log, and reads them.
#[derive(Debug)]
pub(crate) struct IntoLog {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: Arc<TopicRules>,
    pub(crate) answers: Answers,
    /// Messages that are appended together.
    pub(crate) together: Gather,
}

impl IntoLog {
    /// The message that lies at `place` in one of `records`.
    fn find(&self, records: &[Record], place: u64) -> Found {
        let inside = |record: &&Record| record.base.0 <= place && place < record.next().0;
        let Some(record) = records.iter().find(inside) else {
            return Found::Elsewhere;
        };
        if record.kind != MESSAGE {
            return Found::Nothing;
        }
        let at = record.messages().find(|(offset, _)| offset.0 == place);
        let message = at
            .and_then(|(_, bytes)| Frame::read(bytes))
            .and_then(|frame| {
                let stored = frame.stored(record.appended_at);
                Message::restored(&stored, Some(place), self.clock.now())
            });
        message.map_or(Found::Nothing, |message| Found::Message(Box::new(message)))
    }
}

/// Appends messages of a `kind`; gives the place of the first.
async fn append(log: Arc<dyn EventLog>, kind: RecordKind, part: Part) -> Result<u64, NotKept> {
    let batch = Batch {
        kind,
        header: Bytes::new(),
        body: part.body.into(),
        ends: part.ends,
        keys: Vec::new(),
    };
    match log.append(batch).await {
        Ok(appended) => Ok(appended.first.0),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn Error,
                "the log took nothing of the broker"
            );
            Err(NotKept)
        }
    }
}

/// What lies at a place.
enum Found {
    Message(Box<Message>),
    /// No message, or one that nobody wants any more.
    Nothing,
    /// It was not read.
    Elsewhere,
}

#[async_trait]
impl Journal for IntoLog {
    async fn keep(&self, messages: &[Received]) -> Result<u64, NotKept> {
        let mut body = Vec::with_capacity(messages.len() * 256);
        let mut ends = Vec::with_capacity(messages.len());
        let (now, mut outcomes) = (self.clock.now(), Vec::new());
        for received in messages {
            outcomes.clear();
            self.rules.write(received, now, &mut outcomes);
            frame::write(received, &outcomes, &mut body);
            ends.push(u32::try_from(body.len()).map_err(|_| NotKept)?);
        }
        let part = Part { body, ends };
        let log = Arc::clone(&self.log);
        let first = self
            .together
            .append(part, |part| append(log, MESSAGE, part))
            .await?;
        self.answers.look_at(messages, now);
        Ok(first)
    }

    async fn note(&self, entries: &[Entry]) -> Result<(), NotKept> {
        let mut body = Vec::with_capacity(entries.len() * 128);
        let mut ends = Vec::with_capacity(entries.len());
        for entry in entries {
            serde_json::to_writer(&mut body, entry).map_err(|_| NotKept)?;
            ends.push(u32::try_from(body.len()).map_err(|_| NotKept)?);
        }
        let part = Part { body, ends };
        append(Arc::clone(&self.log), SESSION, part).await.map(drop)
    }

    async fn fetch(&self, places: &[u64]) -> Result<Vec<(u64, Message)>, NotKept> {
        let mut found = Vec::with_capacity(places.len());
        let mut records = Vec::new();
        for place in places {
            let mut there = self.find(&records, *place);
            if matches!(there, Found::Elsewhere) {
                records = match self.log.read(Offset(*place), READ).await {
                    Ok(records) => records,
                    // Retention was faster, or the disk has lost it: the message is not there any more.
                    Err(LogError::Gone { .. } | LogError::Corrupt { .. }) => Vec::new(),
                    Err(error) => {
                        tracing::warn!(
                            error = &error as &dyn Error,
                            "messages that wait could not be read from the log"
                        );
                        return Err(NotKept);
                    }
                };
                there = self.find(&records, *place);
            }
            if let Found::Message(message) = there {
                found.push((*place, *message));
            }
        }
        Ok(found)
    }

    fn next(&self) -> u64 {
        self.log.bounds().next.0
    }
}
