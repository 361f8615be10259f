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
use crate::port::{NotKept, Pass, Received};
use crate::rate::Bucket;
use crate::session::Session;
use crate::topic::is_topic;

/// Topics that the platform answers itself.
const RESERVED: &str = "$aws/";

/// How many messages are kept together at the most.
pub(super) const TOGETHER: usize = 512;

/// The messages of one client on their way in.
#[derive(Debug)]
pub(super) struct Incoming {
    pass: Arc<Pass>,
    session: Arc<Session>,
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
        session: Arc<Session>,
        version: Version,
        aliases: u16,
    ) -> Self {
        let now = Instant::now();
        Self {
            messages: Bucket::new(pass.limits.messages_per_second, now),
            bytes: Bucket::new(pass.limits.bytes_per_second, now),
            pass,
            session,
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
            core.count.dropped.fetch_add(1, Ordering::Relaxed);
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
                if !self.first(id)? {
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
    fn first(&self, id: NonZeroU16) -> Result<bool, Malformed> {
        let mut state = self.session.lock();
        let full = state.received.len() >= usize::from(self.pass.limits.receive_maximum);
        if full && !state.received.contains(&id) {
            return Err(Malformed {
                reason: Reason::ReceiveMaximumExceeded,
                detail: "more messages are under way than the client may have",
            });
        }
        Ok(state.received.insert(id))
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

    /// Keeps what waits, gives it to who subscribed, and says what is to be answered.
    ///
    /// # Errors
    /// [`NotKept`]: nothing may be acknowledged, and the client has to send all of it again.
    pub(super) async fn keep(&mut self, core: &Core) -> Result<Vec<Packet>, NotKept> {
        let waiting = std::mem::take(&mut self.waiting);
        let received: Vec<Received> = waiting
            .iter()
            .filter_map(|(received, _)| received.clone())
            .collect();
        if let Err(error) = self.keep_all(core, &received).await {
            // What was not kept is to come again as if for the first time.
            let mut state = self.session.lock();
            for (received, answer) in &waiting {
                if let (Some(_), Some(Packet::PublishReceived(ack))) = (received, answer) {
                    state.received.remove(&ack.id);
                }
            }
            return Err(error);
        }
        core.count
            .received
            .fetch_add(received.len() as u64, Ordering::Relaxed);
        Ok(waiting
            .into_iter()
            .filter_map(|(_, answer)| answer)
            .collect())
    }

    async fn keep_all(&self, core: &Core, received: &[Received]) -> Result<(), NotKept> {
        // The order of one client's messages holds, so each run of the same kind goes together.
        for run in received.chunk_by(|one, other| is_reserved(one) == is_reserved(other)) {
            if is_reserved(&run[0]) {
                for received in run {
                    for reply in core.ports.reserved.handle(received).await? {
                        core.route(&Arc::new(Message::own(reply.topic, reply.payload)));
                    }
                }
            } else {
                core.ports.journal.keep(run).await?;
                for received in run {
                    core.route(&received.message);
                }
            }
        }
        Ok(())
    }
}

fn is_reserved(received: &Received) -> bool {
    received.message.topic.starts_with(RESERVED)
}

const fn success(id: NonZeroU16) -> Ack {
    Ack {
        id,
        reason: Reason::Success,
    }
}
