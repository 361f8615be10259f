//! Messages that wait for a client: the first of them in memory, and behind a limit only their places in the log.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::{Content, Delivery};
use crate::codec::Qos;
use crate::{ClientLimits, Message};

/// How many messages are fetched from the log at once.
const FETCH: usize = 64;

/// Messages in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Delivery>,
    /// How many of them are in memory, and how much they take there.
    held: usize,
    bytes: usize,
}

impl Queue {
    pub(crate) fn front(&self) -> Option<&Delivery> {
        self.waiting.front()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Delivery> {
        self.waiting.iter()
    }

    /// Puts a message at the end. Where `durable`, one that there is no memory for stays in the log; false where there is no room at all.
    pub(crate) fn push(
        &mut self,
        mut delivery: Delivery,
        limits: &ClientLimits,
        durable: bool,
    ) -> bool {
        let full = self.held >= limits.queue || self.bytes + delivery.bytes() > limits.queue_bytes;
        if full && durable && delivery.qos > Qos::AtMostOnce {
            delivery.let_go();
        }
        let room = match &delivery.content {
            Content::Held(_) => !full,
            Content::InLog(_) => self.waiting.len() - self.held < limits.spill,
        };
        if room {
            self.note(&delivery, true);
            self.waiting.push_back(delivery);
        }
        room
    }

    fn note(&mut self, delivery: &Delivery, comes: bool) {
        let (count, bytes) = (usize::from(delivery.held().is_some()), delivery.bytes());
        if comes {
            self.held += count;
            self.bytes += bytes;
        } else {
            self.held = self.held.saturating_sub(count);
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Delivery> {
        let delivery = self.waiting.pop_front()?;
        self.note(&delivery, false);
        Some(delivery)
    }

    /// Takes out the message that lies at `place` in the log.
    pub(crate) fn take(&mut self, place: u64) -> Option<Delivery> {
        let at = self
            .waiting
            .iter()
            .position(|delivery| delivery.place() == Some(place))?;
        let delivery = self.waiting.remove(at)?;
        self.note(&delivery, false);
        Some(delivery)
    }

    /// Whether the message that lies at `place` waits here.
    pub(crate) fn has(&self, place: u64) -> bool {
        self.waiting
            .iter()
            .rev()
            .any(|delivery| delivery.place() == Some(place))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Forgets what is for now alone, and is of no use later.
    pub(crate) fn keep_durable(&mut self) {
        let mut rest = Self::default();
        for delivery in std::mem::take(&mut self.waiting) {
            if delivery.qos > Qos::AtMostOnce {
                rest.note(&delivery, true);
                rest.waiting.push_back(delivery);
            }
        }
        *self = rest;
    }

    /// The places of messages that come next and have to be fetched from the log.
    pub(crate) fn missing(&self) -> Vec<u64> {
        if self.front().is_none_or(|front| front.held().is_some()) {
            return Vec::new();
        }
        self.waiting
            .iter()
            .take(FETCH)
            .filter(|delivery| delivery.held().is_none())
            .filter_map(Delivery::place)
            .collect()
    }

    /// Takes messages that were `asked` for and `found`; how many are not in the log any more, and are forgotten.
    pub(crate) fn fill(&mut self, asked: &[u64], found: &HashMap<u64, Arc<Message>>) -> u64 {
        let mut lost = 0;
        let mut first: Vec<Delivery> = Vec::with_capacity(FETCH);
        for _ in 0..FETCH.min(self.waiting.len()) {
            let Some(mut delivery) = self.pop() else {
                break;
            };
            if let Content::InLog(place) = delivery.content {
                match found.get(&place) {
                    Some(message) => delivery.content = Content::Held(Arc::clone(message)),
                    None if asked.contains(&place) => {
                        lost += 1;
                        continue;
                    }
                    None => {}
                }
            }
            first.push(delivery);
        }
        for delivery in first.into_iter().rev() {
            self.note(&delivery, true);
            self.waiting.push_front(delivery);
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Options;
    use bytes::Bytes;

    fn delivery(place: u64) -> Delivery {
        let message = Message::own(format!("m/{place}"), Bytes::from_static(b"x"));
        message.lies_at(place);
        let options = Options {
            qos: Qos::AtLeastOnce,
            ..Options::default()
        };
        Delivery::new(&Arc::new(message), &options, false)
    }

    fn limits() -> ClientLimits {
        ClientLimits {
            queue: 2,
            spill: 3,
            ..ClientLimits::device()
        }
    }

    #[test]
    fn what_has_no_room_in_memory_stays_in_the_log() {
        let mut queue = Queue::default();
        for place in 0..5 {
            assert!(queue.push(delivery(place), &limits(), true));
        }
        assert!(!queue.push(delivery(5), &limits(), true));
        assert_eq!(queue.held, 2);
        assert!(queue.missing().is_empty());
        queue.pop();
        queue.pop();
        assert_eq!((queue.missing(), queue.bytes), (vec![2, 3, 4], 0));
        let found = HashMap::from([2, 4].map(|place| {
            let held = delivery(place).held().cloned();
            (place, held.unwrap())
        }));
        assert_eq!(queue.fill(&[2, 3, 4], &found), 1);
        let left: Vec<_> = queue.iter().filter_map(Delivery::place).collect();
        assert_eq!((left, queue.held), (vec![2, 4], 2));
        assert!(queue.has(4) && queue.take(4).is_some() && !queue.has(4));
    }

    #[test]
    fn what_does_not_lie_in_the_log_needs_memory() {
        let mut queue = Queue::default();
        assert!(!(0..3).all(|place| queue.push(delivery(place), &limits(), false)));
        assert_eq!(queue.iter().count(), 2);
        queue.clear();
        assert_eq!((queue.iter().count(), queue.bytes), (0, 0));
    }
}
