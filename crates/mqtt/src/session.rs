//! What a client has that outlives its connection: subscriptions, and messages that wait or are under way.

use std::collections::{HashMap, HashSet, VecDeque};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use bytestring::ByteString;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::codec::{Ack, Options, Packet, Properties, Publish, Qos, Reason, Wire};
use crate::{ClientLimits, Message, Pass};

/// The session of one client id.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: Arc<str>,
    state: Mutex<State>,
}

/// A message for this client.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) message: Arc<Message>,
    pub(crate) qos: Qos,
    pub(crate) retain: bool,
    /// What the subscriptions call it that took the message.
    pub(crate) ids: Vec<u32>,
}

impl Delivery {
    /// `message` for a subscription with `options`; `retained` where it was kept for whoever comes.
    pub(crate) fn new(message: &Arc<Message>, options: &Options, retained: bool) -> Self {
        Self {
            message: Arc::clone(message),
            qos: message.qos.min(options.qos),
            retain: retained || (options.retain_as_published && message.retain),
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
}

/// How far a message has come.
#[derive(Clone, Debug)]
enum Stage {
    /// Sent; nothing heard.
    Sent(Delivery),
    /// Received by the client, which may forget it now.
    Released,
}

#[derive(Debug)]
struct Flight {
    id: NonZeroU16,
    stage: Stage,
}

/// What is in a session.
#[derive(Debug)]
pub(crate) struct State {
    /// The connection that it belongs to; 0 for none.
    link: u64,
    /// Wakes that connection when there is something to send or when it has to end.
    wake: Arc<Notify>,
    /// Who has it, and what was shown for that.
    owner: Option<(Arc<str>, Arc<str>)>,
    /// Seconds that it outlives its connection.
    pub(crate) expiry: u32,
    /// When its connection ended.
    gone: Option<Instant>,
    /// Subscriptions by filter as the client wrote it.
    pub(crate) subscriptions: HashMap<Box<str>, Options>,
    queue: VecDeque<Delivery>,
    queue_bytes: usize,
    flights: VecDeque<Flight>,
    /// Messages of the client that it has not released yet.
    pub(crate) received: HashSet<NonZeroU16>,
    next: u16,
    receive_maximum: usize,
    limits: ClientLimits,
    /// Why the connection has to end.
    ending: Option<Reason>,
}

/// What became of a message for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enqueued {
    Yes,
    /// The client is not there, and the message is not for later.
    Away,
    /// There was no room.
    Dropped,
}

impl Session {
    pub(crate) fn new(client: Arc<str>) -> Self {
        Self {
            client,
            state: Mutex::new(State {
                link: 0,
                wake: Arc::default(),
                owner: None,
                expiry: 0,
                gone: None,
                subscriptions: HashMap::new(),
                queue: VecDeque::new(),
                queue_bytes: 0,
                flights: VecDeque::new(),
                received: HashSet::new(),
                next: 0,
                receive_maximum: 0,
                limits: ClientLimits::device(),
                ending: None,
            }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for connection `link` alone: one whose session was taken over has no say in it any more.
    ///
    /// # Errors
    /// Why the connection has to end.
    pub(crate) fn of(&self, link: u64) -> Result<MutexGuard<'_, State>, Reason> {
        let state = self.lock();
        match state.ending(link) {
            None => Ok(state),
            Some(reason) => Err(reason),
        }
    }

    /// Puts a message into the queue.
    pub(crate) fn enqueue(&self, delivery: Delivery) -> Enqueued {
        let mut state = self.lock();
        if state.link == 0 && (delivery.qos == Qos::AtMostOnce || state.expiry == 0) {
            return Enqueued::Away;
        }
        let bytes = delivery.message.bytes();
        if state.queue.len() >= state.limits.queue
            || state.queue_bytes + bytes > state.limits.queue_bytes
        {
            // A client that is there and does not take what it asked for would lose more and more without knowing.
            if state.link != 0 && delivery.qos > Qos::AtMostOnce {
                state.end(Reason::QuotaExceeded);
            }
            return Enqueued::Dropped;
        }
        state.queue_bytes += bytes;
        state.queue.push_back(delivery);
        state.wake.notify_one();
        Enqueued::Yes
    }
}

impl State {
    /// Gives the session to connection `link`, which `wake` wakes; the one that had it until now is woken for its end.
    pub(crate) fn attach(
        &mut self,
        (link, wake): (u64, Arc<Notify>),
        expiry: u32,
        receive_maximum: u16,
        pass: &Pass,
    ) {
        self.link = link;
        self.owner = Some((Arc::clone(&pass.principal), Arc::clone(&pass.credential)));
        std::mem::replace(&mut self.wake, wake).notify_one();
        self.expiry = expiry;
        self.gone = None;
        self.receive_maximum = receive_maximum.into();
        self.limits = pass.limits;
        self.ending = None;
    }

    /// Takes the session from connection `link`; false where it belongs to another by now.
    pub(crate) fn detach(&mut self, link: u64, now: Instant) -> bool {
        if self.link != link {
            return false;
        }
        self.link = 0;
        self.gone = Some(now);
        // What is for now alone is of no use later.
        let mut bytes = 0;
        self.queue.retain(|delivery| {
            let kept = delivery.qos > Qos::AtMostOnce;
            bytes += if kept { delivery.message.bytes() } else { 0 };
            kept
        });
        self.queue_bytes = bytes;
        true
    }

    pub(crate) const fn is_connected(&self) -> bool {
        self.link != 0
    }

    /// Whether it is this principal's.
    pub(crate) fn is_of(&self, principal: &str) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|(owner, _)| **owner == *principal)
    }

    /// What was shown for the connection that it has now.
    pub(crate) fn credential(&self) -> Option<&Arc<str>> {
        let (_, credential) = self.owner.as_ref()?;
        self.is_connected().then_some(credential)
    }

    /// Whether connection `link` has to end, and why.
    fn ending(&self, link: u64) -> Option<Reason> {
        if self.link == link {
            self.ending
        } else {
            Some(Reason::SessionTakenOver)
        }
    }

    /// Asks the connection to end.
    pub(crate) fn end(&mut self, reason: Reason) {
        self.ending = Some(reason);
        self.wake.notify_one();
    }

    /// Whether its time after the connection is over.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.gone.is_some_and(|gone| {
            self.expiry != u32::MAX
                && now.saturating_duration_since(gone) >= Duration::from_secs(self.expiry.into())
        })
    }

    /// Forgets all but the connection.
    pub(crate) fn clear(&mut self) {
        self.subscriptions.clear();
        self.queue.clear();
        self.queue_bytes = 0;
        self.flights.clear();
        self.received.clear();
    }

    /// Writes again what was under way when the last connection ended.
    pub(crate) fn write_again(&mut self, wire: &mut dyn Wire, out: &mut BytesMut, now: Instant) {
        for flight in &self.flights {
            let packet = match &flight.stage {
                Stage::Sent(delivery) => publish(delivery, Some(flight.id), true, now),
                Stage::Released => Packet::PublishRelease(Ack {
                    id: flight.id,
                    reason: Reason::Success,
                }),
            };
            wire.write(packet, out);
        }
    }

    /// Writes what waits, as much as the client takes at once and until `out` is about `full`.
    pub(crate) fn write(
        &mut self,
        wire: &mut dyn Wire,
        out: &mut BytesMut,
        full: usize,
        now: Instant,
    ) {
        while out.len() < full {
            let Some(next) = self.queue.front() else {
                return;
            };
            if next.qos > Qos::AtMostOnce && self.flights.len() >= self.receive_maximum {
                return;
            }
            let Some(delivery) = self.queue.pop_front() else {
                return;
            };
            self.queue_bytes = self.queue_bytes.saturating_sub(delivery.message.bytes());
            if delivery.message.is_expired(now) {
                continue;
            }
            if delivery.qos == Qos::AtMostOnce {
                wire.write(publish(&delivery, None, false, now), out);
                continue;
            }
            let Some(id) = self.free_id() else {
                return;
            };
            // What is larger than the client takes is as good as delivered.
            if wire.write(publish(&delivery, Some(id), false, now), out) {
                self.flights.push_back(Flight {
                    id,
                    stage: Stage::Sent(delivery),
                });
            }
        }
    }

    fn free_id(&mut self) -> Option<NonZeroU16> {
        for _ in 0..u16::MAX {
            self.next = self.next.checked_add(1).unwrap_or(1);
            if let Some(id) = NonZeroU16::new(self.next)
                && !self.flights.iter().any(|flight| flight.id == id)
            {
                return Some(id);
            }
        }
        None
    }

    fn flight(&self, id: NonZeroU16) -> Option<usize> {
        self.flights.iter().position(|flight| flight.id == id)
    }

    /// The client has the message and is done with it.
    pub(crate) fn acknowledged(&mut self, id: NonZeroU16) {
        if let Some(place) = self.flight(id)
            && matches!(&self.flights[place].stage, Stage::Sent(delivery) if delivery.qos == Qos::AtLeastOnce)
        {
            self.flights.remove(place);
        }
    }

    /// The client has the message and waits to be told that it may forget it; the answer's reason, and nothing where it wants none.
    pub(crate) fn received_by_client(&mut self, ack: Ack) -> Option<Reason> {
        let Some(place) = self.flight(ack.id) else {
            return Some(Reason::PacketIdNotFound);
        };
        if ack.reason.is_failure() {
            self.flights.remove(place);
            return None;
        }
        self.flights[place].stage = Stage::Released;
        Some(Reason::Success)
    }

    /// The client has forgotten the message.
    pub(crate) fn completed(&mut self, id: NonZeroU16) {
        if let Some(place) = self.flight(id)
            && matches!(self.flights[place].stage, Stage::Released)
        {
            self.flights.remove(place);
        }
    }
}

fn publish(delivery: &Delivery, id: Option<NonZeroU16>, dup: bool, now: Instant) -> Packet {
    let message = &delivery.message;
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
