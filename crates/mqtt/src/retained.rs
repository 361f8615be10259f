//! The last message of each topic that asked to be kept for those who come later.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use tokio::time::Instant;
use trunkline_model::Timestamp;

use crate::Message;
use crate::kept::RetainedImage;
use trunkline_topic::matches;

/// Retained messages by topic.
#[derive(Debug, Default)]
pub(crate) struct Retained {
    by_topic: BTreeMap<Box<str>, Arc<Message>>,
    /// Topics that are other than what was last written down.
    changed: BTreeSet<Box<str>>,
}

impl Retained {
    /// Keeps `message`, or forgets its topic where its payload is empty; false where there is no room for another topic.
    pub(crate) fn put(&mut self, message: &Arc<Message>, most: usize) -> bool {
        // Two clients may be routed in another order than the log has them; its order holds, so that it is the same after a restart.
        let known = self.by_topic.get(&message.topic);
        if known.is_some_and(|known| known.place() > message.place()) {
            return true;
        }
        if message.payload.is_empty() {
            if self.by_topic.remove(&message.topic).is_some() {
                self.changed.insert(message.topic.clone());
            }
            return true;
        }
        if known.is_none() && self.by_topic.len() >= most {
            return false;
        }
        self.by_topic
            .insert(message.topic.clone(), Arc::clone(message));
        self.changed.insert(message.topic.clone());
        true
    }

    /// What changed since the last time.
    pub(crate) fn changed(&mut self, now: Instant, wall: Timestamp) -> Vec<RetainedImage> {
        let changed = std::mem::take(&mut self.changed);
        let image = |topic: Box<str>| {
            let message = self.by_topic.get(&topic).cloned();
            RetainedImage {
                topic: topic.into(),
                at: message
                    .as_ref()
                    .map_or(wall, |message| message.taken_at(now, wall)),
                place: message.as_ref().and_then(|message| message.place()),
                message,
            }
        };
        changed.into_iter().map(image).collect()
    }

    /// Takes all that there is as changed.
    pub(crate) fn changed_all(&mut self) {
        self.changed.extend(self.by_topic.keys().cloned());
    }

    /// Those that `filter` takes. Only topics that begin as the filter does are looked at.
    pub(crate) fn find(&self, filter: &str, now: Instant) -> Vec<Arc<Message>> {
        let plain = filter
            .find(['+', '#'])
            .map_or(filter, |wildcard| &filter[..wildcard]);
        // `a/#` takes `a` too, which comes before `a/`.
        let start = plain.strip_suffix('/').unwrap_or(plain);
        self.by_topic
            .range::<str, _>((Bound::Included(start), Bound::Unbounded))
            .take_while(|(topic, _)| topic.starts_with(start))
            .filter(|(topic, message)| matches(filter, topic) && !message.is_expired(now))
            .map(|(_, message)| Arc::clone(message))
            .collect()
    }

    /// The one on this topic.
    pub(crate) fn get(&self, topic: &str, now: Instant) -> Option<Arc<Message>> {
        let message = self.by_topic.get(topic)?;
        (!message.is_expired(now)).then(|| Arc::clone(message))
    }

    /// Those on topics that come after `after`, in their order, at most `count`.
    pub(crate) fn after(&self, after: &str, count: usize, now: Instant) -> Vec<Arc<Message>> {
        self.by_topic
            .range::<str, _>((Bound::Excluded(after), Bound::Unbounded))
            .filter(|(_, message)| !message.is_expired(now))
            .take(count)
            .map(|(_, message)| Arc::clone(message))
            .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_topic.len()
    }

    /// Forgets what nobody wants any more.
    pub(crate) fn sweep(&mut self, now: Instant) {
        let changed = &mut self.changed;
        self.by_topic.retain(|topic, message| {
            let over = message.is_expired(now);
            if over {
                changed.insert(topic.clone());
            }
            !over
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn message(topic: &str, payload: &'static str) -> Arc<Message> {
        Arc::new(Message::own(topic, Bytes::from_static(payload.as_bytes())))
    }

    #[test]
    fn filters_find_what_lies_there() {
        let mut retained = Retained::default();
        for topic in ["a", "a/b", "a/b/c", "ab", "b", "$x/a", "/a"] {
            assert!(retained.put(&message(topic, "1"), 10));
        }
        let now = Instant::now();
        let found = |filter: &str| -> Vec<String> {
            let all = retained.find(filter, now);
            all.iter()
                .map(|message| message.topic.to_string())
                .collect()
        };
        assert_eq!(found("a/#"), ["a", "a/b", "a/b/c"]);
        assert_eq!(found("a/+"), ["a/b"]);
        assert_eq!(found("+"), ["a", "ab", "b"]);
        assert_eq!(found("#"), ["/a", "a", "a/b", "a/b/c", "ab", "b"]);
        assert_eq!(found("/+"), ["/a"]);
        assert_eq!(found("$x/#"), ["$x/a"]);
        assert_eq!(found("b"), ["b"]);
    }

    #[test]
    fn an_empty_payload_forgets_and_the_room_is_bounded() {
        let mut retained = Retained::default();
        assert!(retained.put(&message("a", "1"), 1));
        assert!(retained.put(&message("a", "2"), 1));
        assert!(!retained.put(&message("b", "1"), 1));
        assert!(retained.put(&message("a", ""), 1) && retained.len() == 0);
    }
}
