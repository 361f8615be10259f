//! A broker in memory: it writes down what is published, and keeps what is to be kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use trunkline_aws::{Outgoing, Publish, PublishError, Retained, RetainedTopic};
use trunkline_model::{Clock, Principal};

#[derive(Debug)]
pub(crate) struct Broker {
    clock: Arc<dyn Clock>,
    published: Mutex<Vec<(String, Outgoing)>>,
    kept: Mutex<BTreeMap<String, Retained>>,
}

impl Broker {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            published: Mutex::default(),
            kept: Mutex::default(),
        }
    }

    /// What was published since the last look, and by whom.
    pub(crate) fn take(&self) -> Vec<(String, Outgoing)> {
        std::mem::take(&mut self.published.lock().unwrap())
    }
}

#[async_trait]
impl Publish for Broker {
    /// The topics `bad` and `down` are refused, each in its way.
    async fn publish(&self, message: Outgoing, by: &Principal) -> Result<(), PublishError> {
        match message.topic.as_str() {
            "bad" => return Err(PublishError::Invalid("no such topic".into())),
            "down" => {
                let error = std::io::Error::other("disk 7");
                return Err(PublishError::Unavailable(Box::new(error)));
            }
            _ => {}
        }
        if message.retain {
            let kept = Retained {
                payload: message.payload.clone(),
                qos: message.at_least_once.into(),
                modified: self.clock.now(),
            };
            let mut all = self.kept.lock().unwrap();
            if message.payload.is_empty() {
                all.remove(&message.topic);
            } else {
                all.insert(message.topic.clone(), kept);
            }
        }
        let mut published = self.published.lock().unwrap();
        published.push((by.id.clone(), message));
        Ok(())
    }

    async fn retained(&self, topic: &str) -> Result<Option<Retained>, PublishError> {
        Ok(self.kept.lock().unwrap().get(topic).cloned())
    }

    async fn retained_topics(
        &self,
        after: &str,
        count: usize,
    ) -> Result<Vec<RetainedTopic>, PublishError> {
        let all = self.kept.lock().unwrap();
        let later = all.iter().filter(|(topic, _)| topic.as_str() > after);
        let topics = later.take(count).map(|(topic, kept)| RetainedTopic {
            topic: topic.clone(),
            bytes: kept.payload.len() as u64,
            qos: kept.qos,
            modified: kept.modified,
        });
        Ok(topics.collect())
    }
}
