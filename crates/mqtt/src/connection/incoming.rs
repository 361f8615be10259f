//! What a client publishes: checked one by one, kept together, acknowledged after that.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytestring::ByteString;
use tokio::time::Instant;

use crate::Message;
use crate::broker::Core;
use crate::codec::{Ack, Malformed, Packet, Publish, Qos, Reason, Version};
use crate::port::{Pass, Received};
use crate::rate::Bucket;
use crate::session::Session;
use trunkline_topic::is_topic;

/// How many messages are kept together at the most.
pub(super) const TOGETHER: usize = 512;

/// The messages of one client on their way in.
#[derive(Debug)]
pub(super) struct Incoming {
    pass: Arc<Pass>,
    session: Arc<Session>,
    link: u64,
    version: Version,
    aliases: Vec<Option<ByteString>>,
    messages: Bucket,
    bytes: Bucket,
    /// Checked and not yet kept, each with what is to be answered, in the order in which they came.
    waiting: Vec<(Option<Received>, Option<Packet>)>,
}

impl Incoming {
    pub(super) fn new(
        pass: Arc<Pass>,
        (session, link): (Arc<Session>, u64),
        version: Version,
        aliases: u16,
    ) -> Self {
        let now = Instant::now();
        Self {
            messages: Bucket::new(pass.limits.messages_per_second, 1, now),
            bytes: Bucket::new(pass.limits.bytes_per_second, 1, now),
            pass,
            session,
            link,
            version,
            aliases: vec![None; aliases.into()],
            waiting: Vec::new(),
        }
    }

    /// How long the client has to wait before this message is taken. Only who wants an answer is slowed; others lose what is too much.
    pub(super) fn wait(&mut self, publish: &Publish, now: Instant) -> Duration {
        if publish.qos == Qos::AtMostOnce {
            return Duration::ZERO;
        }
        let bytes = self.bytes.owe(publish.payload.len(), now);
        self.messages.owe(1, now).max(bytes)
    }

    /// Takes a message.
    ///
    /// # Errors
    /// [`Malformed`] where the connection has to end.
    pub(super) fn take(&mut self, core: &Core, mut publish: Publish) -> Result<(), Malformed> {
        self.resolve(&mut publish)?;
        if !is_topic(
            &publish.topic,
            core.limits.topic_bytes,
            core.limits.topic_levels,
        ) {
            return Err(Malformed {
                reason: Reason::TopicNameInvalid,
                detail: "a topic is empty, too long, or has a wildcard",
            });
        }
        let now = Instant::now();
        if publish.qos == Qos::AtMostOnce
            && !(self.messages.take(1, now) && self.bytes.take(publish.payload.len(), now))
        {
            core.dropped(&self.session.client, "rate");
            return Ok(());
        }
        if !self.pass.may_publish(&publish.topic) {
            let answer = self.denied(core, &publish)?;
            self.waiting.push((None, answer));
            return Ok(());
        }
        let answer = match (publish.qos, publish.id) {
            (Qos::AtLeastOnce, Some(id)) => Some(Packet::PublishAck(success(id))),
            (Qos::ExactlyOnce, Some(id)) => {
                let answer = Some(Packet::PublishReceived(success(id)));
                if !self.first(id, &publish)? {
                    // It has come before; only its acknowledgement was lost.
                    self.waiting.push((None, answer));
                    return Ok(());
                }
                answer
            }
            _ => None,
        };
        let sender = Some(Arc::clone(&self.session.client));
        let received = Received {
            message: Arc::new(Message::new(&publish, sender, now)),
            pass: Arc::clone(&self.pass),
            id: publish.id.filter(|_| publish.qos == Qos::ExactlyOnce),
        };
        self.waiting.push((Some(received), answer));
        Ok(())
    }

    /// Gives the message its topic where it names it by a number.
    fn resolve(&mut self, publish: &mut Publish) -> Result<(), Malformed> {
        let Some(alias) = publish.properties.topic_alias else {
            return Ok(());
        };
        let invalid = Malformed {
            reason: Reason::TopicAliasInvalid,
            detail: "a topic alias is not known, or above the limit",
        };
        let slot = self
            .aliases
            .get_mut(usize::from(alias.get()) - 1)
            .ok_or(invalid)?;
        if publish.topic.is_empty() {
            publish.topic = slot.clone().ok_or(invalid)?;
        } else {
            // A copy, so that the alias does not hold a read buffer.
            *slot = Some(ByteString::from(publish.topic.to_string()));
        }
        Ok(())
    }

    /// Whether a message that is to come exactly once is here for the first time.
    fn first(&self, id: NonZeroU16, publish: &Publish) -> Result<bool, Malformed> {
        let gone = |reason| Malformed {
            reason,
            detail: "the session belongs to another connection",
        };
        let mut state = self.session.of(self.link).map_err(gone)?;
        let full = state.received.len() >= usize::from(self.pass.limits.receive_maximum);
        if full && !state.received.contains_key(&id) {
            return Err(Malformed {
                reason: Reason::ReceiveMaximumExceeded,
                detail: "more messages are under way than the client may have",
            });
        }
        let known_by = Message::known_as(&publish.topic, &publish.payload);
        Ok(state.is_first(id, known_by, publish.dup, Instant::now()))
    }

    fn denied(&self, core: &Core, publish: &Publish) -> Result<Option<Packet>, Malformed> {
        core.count.dropped.fetch_add(1, Ordering::Relaxed);
        core.ports
            .watch
            .denied(&self.session.client, &self.pass, "publish", &publish.topic);
        let Some(id) = publish.id else {
            return Ok(None);
        };
        if self.version == Version::V3 {
            // Version 3.1.1 has no word for it, and must not be told that all is well.
            return Err(Malformed {
                reason: Reason::NotAuthorized,
                detail: "the client may not publish on this topic",
            });
        }
        let ack = Ack {
            id,
            reason: Reason::NotAuthorized,
        };
        Ok(Some(if publish.qos == Qos::ExactlyOnce {
            Packet::PublishReceived(ack)
        } else {
            Packet::PublishAck(ack)
        }))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) const fn is_full(&self) -> bool {
        self.waiting.len() >= TOGETHER
    }

    /// Hands on what waits; what is to be answered, and whether all of it was taken. What was not has no answer: the client has to send
    /// it again, as if for the first time.
    pub(super) async fn keep(&mut self, core: &Core) -> (Vec<Packet>, bool) {
        let waiting = std::mem::take(&mut self.waiting);
        let received: Vec<Received> = waiting
            .iter()
            .filter_map(|(received, _)| received.clone())
            .collect();
        let mut taken = core.accept(&received).await;
        let all = taken == received.len();
        let mut answers = Vec::with_capacity(waiting.len());
        let mut rest = waiting.into_iter();
        for (received, answer) in rest.by_ref() {
            if received.is_some() && taken == 0 {
                self.forget(answer.as_ref());
                break;
            }
            taken -= usize::from(received.is_some());
            answers.extend(answer);
        }
        for (received, answer) in rest {
            if received.is_some() {
                self.forget(answer.as_ref());
            }
        }
        (answers, all)
    }

    /// Forgets that a message that was not taken had come.
    fn forget(&self, answer: Option<&Packet>) {
        if let Some(Packet::PublishReceived(ack)) = answer {
            self.session.lock().received.remove(&ack.id);
        }
    }
}

const fn success(id: NonZeroU16) -> Ack {
    Ack {
        id,
        reason: Reason::Success,
    }
}
