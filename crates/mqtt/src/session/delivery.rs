//! A message on its way to one client.

use std::num::NonZeroU16;
use std::sync::Arc;

use bytestring::ByteString;
use tokio::time::Instant;

use crate::Message;
use crate::codec::{Options, Packet, Properties, Publish, Qos};

/// What is delivered.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// The message itself.
    Held(Arc<Message>),
    /// The place in the log where it lies.
    InLog(u64),
}

/// A message for this client.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) content: Content,
    pub(crate) qos: Qos,
    pub(crate) retain: bool,
    /// Whether it is for one of several.
    pub(crate) shared: bool,
    /// What the subscriptions call it that took the message.
    pub(crate) ids: Vec<u32>,
}

impl Delivery {
    /// `message` for a subscription with `options`; `retained` where it was kept for whoever comes.
    pub(crate) fn new(message: &Arc<Message>, options: &Options, retained: bool) -> Self {
        Self {
            content: Content::Held(Arc::clone(message)),
            qos: message.qos.min(options.qos),
            retain: retained || (options.retain_as_published && message.retain),
            shared: false,
            ids: if options.id > 0 {
                vec![options.id]
            } else {
                Vec::new()
            },
        }
    }

    /// The same message by one more subscription of the same client.
    pub(crate) fn unite(&mut self, other: Self) {
        self.qos = self.qos.max(other.qos);
        self.retain |= other.retain;
        self.ids.extend(other.ids);
    }

    /// The message, where it is in memory.
    pub(crate) const fn held(&self) -> Option<&Arc<Message>> {
        match &self.content {
            Content::Held(message) => Some(message),
            Content::InLog(_) => None,
        }
    }

    /// Where it lies in the log, if it lies there.
    pub(crate) fn place(&self) -> Option<u64> {
        match &self.content {
            Content::Held(message) => message.place(),
            Content::InLog(place) => Some(*place),
        }
    }

    /// Gives the message back to the log, where it can be read again.
    pub(crate) fn let_go(&mut self) {
        if let Some(place) = self.place() {
            self.content = Content::InLog(place);
        }
    }

    /// About how much memory its message takes.
    pub(crate) fn bytes(&self) -> usize {
        self.held().map_or(0, |message| message.bytes())
    }
}

/// `message` as a packet for this client.
pub(crate) fn publish(
    delivery: &Delivery,
    message: &Message,
    id: Option<NonZeroU16>,
    dup: bool,
    now: Instant,
) -> Packet {
    let mut properties = message
        .properties
        .as_deref()
        .map_or_else(Properties::default, Properties::clone);
    properties.subscription_ids.clone_from(&delivery.ids);
    // What is left of it: the message has waited here.
    properties.expiry = message.expires.map(|expires| {
        let left = expires.saturating_duration_since(now).as_secs();
        u32::try_from(left).unwrap_or(u32::MAX).max(1)
    });
    Packet::Publish(Box::new(Publish {
        dup,
        retain: delivery.retain,
        qos: delivery.qos,
        topic: ByteString::from(&*message.topic),
        id,
        payload: message.payload.clone(),
        properties,
    }))
}
