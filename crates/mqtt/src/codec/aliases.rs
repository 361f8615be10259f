//! Topics that have a number on one connection, so that they need not be sent again and again.

use std::num::NonZeroU16;

use bytestring::ByteString;

/// Topics that have a number at the most, however many the client takes.
const MOST: u16 = 16;
/// Bytes of a topic that are not worth a number, which takes three bytes each time.
const SHORT: usize = 6;

/// The numbers of one connection.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    most: usize,
    known: Vec<Known>,
    turn: u64,
}

/// A topic that the client knows by a number, which is its place and one.
#[derive(Debug)]
struct Known {
    topic: ByteString,
    used: u64,
}

/// What a topic is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alias {
    pub(super) number: NonZeroU16,
    /// Whether the client knows it; else it has to be sent with its topic.
    pub(super) known: bool,
}

impl Aliases {
    /// For a client that takes so many.
    pub(super) fn new(maximum: u16) -> Self {
        Self {
            most: maximum.min(MOST).into(),
            ..Self::default()
        }
    }

    /// The number of `topic`, or one that it may have: a free one, or that of the topic that was not sent for the longest time. Nothing
    /// where it is not worth one.
    pub(super) fn find(&self, topic: &str) -> Option<Alias> {
        if self.most == 0 || topic.len() <= SHORT {
            return None;
        }
        let there = self.known.iter().position(|known| known.topic == *topic);
        let place = there.or_else(|| {
            if self.known.len() < self.most {
                return Some(self.known.len());
            }
            let all = self.known.iter().enumerate();
            all.min_by_key(|(_, known)| known.used)
                .map(|(place, _)| place)
        })?;
        let number = u16::try_from(place + 1).ok().and_then(NonZeroU16::new)?;
        Some(Alias {
            number,
            known: there.is_some(),
        })
    }

    /// Notes that `topic` was sent as what [`Self::find`] said. To be called for what went out alone, since the client knows of nothing
    /// else.
    pub(super) fn sent(&mut self, alias: Alias, topic: ByteString) {
        self.turn += 1;
        let known = Known {
            topic,
            used: self.turn,
        };
        let place = usize::from(alias.number.get()) - 1;
        match self.known.get_mut(place) {
            Some(there) => *there = known,
            None => self.known.push(known),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn send(aliases: &mut Aliases, topic: &'static str) -> Option<(u16, bool)> {
        let alias = aliases.find(topic)?;
        aliases.sent(alias, ByteString::from_static(topic));
        Some((alias.number.get(), alias.known))
    }

    #[test]
    fn a_topic_keeps_its_number_until_others_need_it_more() {
        let mut aliases = Aliases::new(2);
        assert_eq!(send(&mut aliases, "plant/a"), Some((1, false)));
        assert_eq!(send(&mut aliases, "plant/b"), Some((2, false)));
        assert_eq!(send(&mut aliases, "plant/a"), Some((1, true)));
        assert_eq!(send(&mut aliases, "plant/c"), Some((2, false)));
        assert_eq!(send(&mut aliases, "plant/a"), Some((1, true)));
        assert_eq!(send(&mut aliases, "plant/b"), Some((2, false)));
    }

    #[test]
    fn short_topics_and_clients_that_take_none_have_none() {
        assert_eq!(Aliases::new(10).find("plant/"), None);
        assert_eq!(Aliases::new(0).find("plant/a"), None);
    }

    #[test]
    fn what_did_not_go_out_has_no_number() {
        let mut aliases = Aliases::new(1);
        assert_eq!(send(&mut aliases, "plant/a"), Some((1, false)));
        assert!(!aliases.find("plant/b").unwrap().known);
        assert_eq!(send(&mut aliases, "plant/a"), Some((1, true)));
    }

    proptest! {
        /// A client that does as the standard says always knows the topic, and is asked for no more numbers than it takes.
        #[test]
        fn the_client_knows_every_topic(maximum in 0_u16..40, sent in prop::collection::vec((0_usize..60, any::<bool>()), 0..400)) {
            let mut aliases = Aliases::new(maximum);
            let mut client = HashMap::new();
            for (topic, goes_out) in sent {
                let topic = ByteString::from(format!("plant/{topic}"));
                let Some(alias) = aliases.find(&topic) else {
                    prop_assert!(maximum == 0 || topic.len() <= SHORT);
                    continue;
                };
                prop_assert!(alias.number.get() <= maximum.min(MOST));
                if !goes_out {
                    continue;
                }
                if alias.known {
                    prop_assert_eq!(client.get(&alias.number), Some(&topic));
                } else {
                    client.insert(alias.number, topic.clone());
                }
                aliases.sent(alias, topic);
            }
        }
    }
}
