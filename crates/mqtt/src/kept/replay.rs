//! Taking back what was written down, and playing again what came after.

use std::collections::HashMap;
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use trunkline_model::Timestamp;

use super::{Entry, Note, StoredMessage};
use crate::Message;
use crate::broker::{Broker, Core};
use crate::codec::{Ack, Options, Qos, Reason};
use crate::session::{
    Content, Delivery, Session, SessionImage, State, SubscriptionImage, WaitingImage,
};

/// Messages for one of several, of which is not known yet who got them: by their places.
#[derive(Debug, Default)]
pub(crate) struct Undecided(Mutex<HashMap<u64, Arc<Message>>>);

impl Undecided {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Message>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, place: u64, message: &Arc<Message>) {
        self.lock().insert(place, Arc::clone(message));
    }
}

impl Broker {
    /// Takes back sessions and retained messages, before anybody connects.
    pub fn restore(&self, sessions: Vec<SessionImage>, retained: Vec<Message>) {
        for message in retained {
            self.0
                .retained()
                .put(&Arc::new(message), self.0.limits.retained);
        }
        for image in sessions {
            self.0.restore(image);
        }
    }

    /// Plays a message again that lies at `place` in the log.
    pub fn replay(&self, stored: &StoredMessage<'_>, place: u64) {
        let core = &self.0;
        let now = core.ports.clock.now();
        let Some(message) = Message::restored(stored, Some(place), now) else {
            return;
        };
        let message = Arc::new(message);
        if let (Some(id), Some(session)) = (stored.id, core.find(stored.sender)) {
            session.lock().remember(id, message.known_by());
        }
        core.route_again(&message, place);
    }

    /// Plays again what became of a session, at the time `at`.
    pub fn replay_entry(&self, entry: &Entry, at: Timestamp) {
        self.0.apply(entry, at);
    }

    /// Ends the playing: nobody is connected, so the time of sessions runs.
    pub fn replayed(&self) {
        let undecided = std::mem::take(&mut *self.0.undecided.lock());
        let mut undecided: Vec<_> = undecided.into_iter().collect();
        undecided.sort_unstable_by_key(|(place, _)| *place);
        for (place, message) in undecided {
            self.0.decide(&message, place);
        }
        let now = Instant::now();
        for session in self.0.all() {
            let mut state = session.lock();
            if state.ends.is_none() && !state.is_connected() {
                state.leave(now);
            }
        }
    }
}

impl Core {
    fn restore(&self, image: SessionImage) {
        let session = self.find_or_make(&image.client);
        {
            let mut state = session.lock();
            state.belongs_to(&image.principal, image.expiry);
            let wall = self.ports.clock.now();
            state.ends = image.ends.map(|ends| at_instant(ends, wall));
            for waiting in &image.waiting {
                state.put_back(waiting);
            }
            for flight in &image.flights {
                let Some(id) = NonZeroU16::new(flight.id) else {
                    continue;
                };
                match &flight.message {
                    Some(waiting) => state.flights.begin(id, in_log(waiting)),
                    None => state.flights.released(id, flight.place),
                }
            }
            for (id, known_by) in image.came {
                if let Some(id) = NonZeroU16::new(id) {
                    state.remember(id, known_by);
                }
            }
            state.dirty = false;
        }
        for subscription in &image.subscriptions {
            self.put_subscription(&session, &subscription.filter, subscription.options());
        }
    }

    fn apply(&self, entry: &Entry, at: Timestamp) {
        if let Note::Opened {
            principal,
            expiry,
            clean,
        } = &entry.note
        {
            self.opened_again(&entry.client, principal, *expiry, *clean);
            return;
        }
        let Some(session) = self.find(&entry.client) else {
            // A session that does not last settles too, for the others of its group.
            if let Note::Settled { places } = &entry.note {
                let mut undecided = self.undecided.lock();
                for place in places {
                    undecided.remove(place);
                }
            }
            return;
        };
        let mut state = session.lock();
        state.dirty = true;
        match &entry.note {
            Note::Opened { .. } => {}
            Note::Subscribed(subscription) => {
                drop(state);
                self.put_subscription(&session, &subscription.filter, subscription.options());
            }
            Note::Unsubscribed { filter } => {
                drop(state);
                self.take_subscription(&session, filter);
            }
            Note::Left { expiry } => {
                state.expiry = *expiry;
                let wall = self.ports.clock.now();
                let ends = at
                    .as_micros()
                    .saturating_add(i64::from(*expiry).saturating_mul(1_000_000));
                state.ends =
                    (*expiry != u32::MAX).then(|| at_instant(Timestamp::from_micros(ends), wall));
            }
            Note::Forgotten => {
                drop(state);
                self.remove(&session);
            }
            Note::Settled { places } => {
                for place in places {
                    if state.queue.take(*place).is_none() && !state.flights.settle(*place) {
                        self.undecided.lock().remove(place);
                    }
                }
            }
            Note::Sent { id, place } => state.sent_again(*id, *place),
            Note::Received { id } => state.received_again(*id),
        }
    }

    fn opened_again(&self, client: &str, principal: &str, expiry: u32, clean: bool) {
        if expiry == 0 {
            if let Some(session) = self.find(client) {
                self.remove(&session);
            }
            return;
        }
        let session = self.find_or_make(client);
        if clean {
            self.unsubscribe_all(&session);
        }
        let mut state = session.lock();
        if clean {
            state.clear();
        }
        state.belongs_to(principal, expiry);
        state.ends = None;
    }
}

impl State {
    /// Makes it one that is written down, of this principal.
    fn belongs_to(&mut self, principal: &str, expiry: u32) {
        self.set_owner(principal);
        self.expiry = expiry;
        self.stored = true;
        self.dirty = true;
    }

    /// Puts a message back that waits, unless it is here already.
    fn put_back(&mut self, waiting: &WaitingImage) {
        if !self.has(waiting.place) {
            let limits = self.limits();
            self.queue.push(in_log(waiting), &limits, true);
        }
    }

    /// Whether the message that lies at `place` waits or is under way.
    pub(crate) fn has(&self, place: u64) -> bool {
        self.queue.has(place) || self.flights.has(place)
    }

    fn sent_again(&mut self, id: u16, place: u64) {
        if let (Some(id), Some(delivery)) = (NonZeroU16::new(id), self.queue.take(place)) {
            self.flights.begin(id, delivery);
        }
    }

    fn received_again(&mut self, id: u16) {
        if let Some(id) = NonZeroU16::new(id) {
            let reason = Reason::Success;
            drop(self.flights.received(Ack { id, reason }));
        }
    }
}

impl SubscriptionImage {
    pub(crate) fn of(filter: &str, options: &Options) -> Self {
        Self {
            filter: filter.to_owned(),
            quality: options.qos as u8,
            no_local: options.no_local,
            retain_as_published: options.retain_as_published,
            id: options.id,
        }
    }

    fn options(&self) -> Options {
        Options {
            qos: Qos::from_number(self.quality).unwrap_or_default(),
            no_local: self.no_local,
            retain_as_published: self.retain_as_published,
            retain_handling: 0,
            id: self.id,
        }
    }
}

fn in_log(waiting: &WaitingImage) -> Delivery {
    Delivery {
        content: Content::InLog(waiting.place),
        qos: Qos::from_number(waiting.quality).unwrap_or_default(),
        retain: waiting.retain,
        shared: false,
        ids: waiting.ids.clone(),
    }
}

/// `moment` on the clock that only runs forward, now that it is `wall` on the other.
fn at_instant(moment: Timestamp, wall: Timestamp) -> Instant {
    let left = moment.as_micros().saturating_sub(wall.as_micros());
    let left = Duration::from_micros(left.try_into().unwrap_or_default());
    let now = Instant::now();
    now.checked_add(left).unwrap_or(now)
}

/// Gives a message again to a session that waits for it.
pub(crate) fn give_again(session: &Session, delivery: Delivery, place: u64) {
    let mut state = session.lock();
    if delivery.qos > Qos::AtMostOnce && state.stored && !state.has(place) {
        let limits = state.limits();
        state.queue.push(delivery, &limits, true);
        state.dirty = true;
    }
}
