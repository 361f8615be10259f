//! The last message of each topic that asked to be kept for those who come later.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use tokio::time::Instant;

use crate::Message;
use crate::topic::matches;

/// Retained messages by topic.
#[derive(Debug, Default)]
pub(crate) struct Retained(BTreeMap<Box<str>, Arc<Message>>);

impl Retained {
    /// Keeps `message`, or forgets its topic where its payload is empty; false where there is no room for another topic.
    pub(crate) fn put(&mut self, message: &Arc<Message>, most: usize) -> bool {
        if message.payload.is_empty() {
            self.0.remove(&message.topic);
            return true;
        }
        if self.0.len() >= most && !self.0.contains_key(&message.topic) {
            return false;
        }
        self.0.insert(message.topic.clone(), Arc::clone(message));
        true
    }

    /// Those that `filter` takes. Only topics that begin as the filter does are looked at.
    pub(crate) fn find(&self, filter: &str, now: Instant) -> Vec<Arc<Message>> {
        let plain = filter
            .find(['+', '#'])
            .map_or(filter, |wildcard| &filter[..wildcard]);
        // `a/#` takes `a` too, which comes before `a/`.
        let start = plain.strip_suffix('/').unwrap_or(plain);
        self.0
            .range::<str, _>((Bound::Included(start), Bound::Unbounded))
            .take_while(|(topic, _)| topic.starts_with(start))
            .filter(|(topic, message)| matches(filter, topic) && !message.is_expired(now))
            .map(|(_, message)| Arc::clone(message))
            .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets what nobody wants any more.
    pub(crate) fn sweep(&mut self, now: Instant) {
        self.0.retain(|_, message| !message.is_expired(now));
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
