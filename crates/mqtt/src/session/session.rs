//! The session of one client: subscriptions, and messages that wait or are under way.

use std::collections::{HashMap, HashSet, VecDeque};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::delivery::publish;
use super::flight::{Flight, Heard};
use super::{Delivery, Flights, Queue, Stage};
use crate::codec::{Ack, Options, Packet, Qos, Reason, Wire};
use crate::kept::Note;
use crate::{ClientLimits, Message, Pass};

/// How many numbers are remembered of messages that came before the platform stopped.
const REMEMBERED: usize = 1_000;
/// How long they are remembered after the client is back. It sends again at once what it has no answer for; a number that comes later is
/// that of a new message, which may well say what an old one said.
const MEMORY: Duration = Duration::from_secs(60);

/// The session of one client id.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: Arc<str>,
    state: Mutex<State>,
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
    /// When it ends, now that its connection has; nothing for never.
    pub(crate) ends: Option<Instant>,
    /// Subscriptions by filter as the client wrote it.
    pub(crate) subscriptions: HashMap<Box<str>, Options>,
    pub(crate) queue: Queue,
    pub(crate) flights: Flights,
    /// Messages of the client that it has not released yet, by number, and what each is known by.
    pub(crate) received: HashMap<NonZeroU16, u64>,
    /// The same, of the time before the platform stopped: whether the client has released them since is not known.
    pub(crate) came: VecDeque<(NonZeroU16, u64)>,
    /// When they are forgotten.
    came_until: Option<Instant>,
    receive_maximum: usize,
    limits: ClientLimits,
    /// Why the connection has to end.
    ending: Option<Reason>,
    /// Whether it is written down; one that ends with its connection is not.
    pub(crate) stored: bool,
    /// Whether it is other than what was last written down.
    pub(crate) dirty: bool,
    /// What has to be durable before the client is told anything more.
    notes: Vec<Note>,
    /// Places of messages that the client is done with; durable sooner or later.
    pub(crate) settled: Vec<u64>,
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
                ends: None,
                subscriptions: HashMap::new(),
                queue: Queue::default(),
                flights: Flights::default(),
                received: HashMap::new(),
                came: VecDeque::new(),
                came_until: None,
                receive_maximum: 0,
                limits: ClientLimits::device(),
                ending: None,
                stored: false,
                dirty: false,
                notes: Vec::new(),
                settled: Vec::new(),
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
        if state.link == 0 && (delivery.qos == Qos::AtMostOnce || !state.stored) {
            return Enqueued::Away;
        }
        let (lasting, durable) = (delivery.qos > Qos::AtMostOnce, state.stored);
        let limits = state.limits;
        if !state.queue.push(delivery, &limits, durable) {
            // A client that is there and does not take what it asked for would lose more and more without knowing.
            if state.link != 0 && lasting {
                state.end(Reason::QuotaExceeded);
            }
            return Enqueued::Dropped;
        }
        state.dirty |= lasting;
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
        self.ends = None;
        self.came_until = Some(Instant::now() + MEMORY);
        self.receive_maximum = receive_maximum.into();
        self.limits = pass.limits;
        self.ending = None;
        self.dirty = true;
    }

    /// Takes the session from connection `link`; false where it belongs to another by now.
    pub(crate) fn detach(&mut self, link: u64, now: Instant) -> bool {
        if self.link != link {
            return false;
        }
        self.link = 0;
        self.leave(now);
        self.queue.keep_durable();
        true
    }

    /// Begins the time that the session outlives its connection.
    pub(crate) fn leave(&mut self, now: Instant) {
        self.ends = (self.expiry != u32::MAX)
            .then(|| now.checked_add(Duration::from_secs(self.expiry.into())))
            .flatten();
        self.dirty = true;
    }

    pub(crate) const fn is_connected(&self) -> bool {
        self.link != 0
    }

    /// Whether messages wait here though nobody is connected.
    pub(crate) const fn is_away(&self) -> bool {
        self.link == 0 && self.stored
    }

    /// Whose it is.
    pub(crate) fn owner(&self) -> Option<&Arc<str>> {
        self.owner.as_ref().map(|(owner, _)| owner)
    }

    /// Says whose it is, though nobody is connected.
    pub(crate) fn set_owner(&mut self, principal: &str) {
        self.owner = Some((principal.into(), Arc::default()));
    }

    pub(crate) const fn limits(&self) -> ClientLimits {
        self.limits
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

    /// Who has it and is connected.
    pub(crate) fn connected_owner(&self) -> Option<&Arc<str>> {
        self.owner().filter(|_| self.is_connected())
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
        !self.is_connected() && self.ends.is_some_and(|ends| ends <= now)
    }

    /// Forgets all but the connection.
    pub(crate) fn clear(&mut self) {
        self.subscriptions.clear();
        self.queue.clear();
        self.flights.clear();
        self.received.clear();
        self.came.clear();
        self.settled.clear();
        self.dirty = true;
    }

    /// Adds what has to be durable before the client is told anything more.
    pub(crate) fn note(&mut self, note: Note) {
        if self.stored {
            self.dirty = true;
            self.notes.push(note);
        }
    }

    /// Adds the note by which the session is known from now on.
    pub(crate) fn note_opening(&mut self, present: bool) {
        let stored = self.expiry > 0;
        if (stored || self.stored)
            && let Some((principal, _)) = &self.owner
        {
            self.notes.push(Note::Opened {
                principal: principal.to_string(),
                expiry: self.expiry,
                clean: !present,
            });
        }
        self.stored = stored;
    }

    pub(crate) fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// Whether a message that is to come exactly once comes for the first time. `known_by` is the same for the same message, and `again`
    /// is what the client says of it.
    pub(crate) fn is_first(
        &mut self,
        id: NonZeroU16,
        known_by: u64,
        again: bool,
        now: Instant,
    ) -> bool {
        if self.came_until.is_some_and(|until| until <= now) {
            self.came.clear();
        }
        let before = self.came.iter().position(|(came, _)| *came == id);
        if let Some((_, came)) = before.and_then(|at| self.came.remove(at))
            && again
            && came == known_by
        {
            self.received.insert(id, known_by);
            return false;
        }
        self.dirty |= self.stored;
        self.received.insert(id, known_by).is_none()
    }

    /// The client will not send a message again; whether it was known.
    pub(crate) fn release(&mut self, id: NonZeroU16) -> bool {
        self.came.retain(|(came, _)| *came != id);
        self.received.remove(&id).is_some()
    }

    /// Remembers a message of the time before the platform stopped.
    pub(crate) fn remember(&mut self, id: NonZeroU16, known_by: u64) {
        self.came.retain(|(came, _)| *came != id);
        self.came.push_back((id, known_by));
        self.dirty = true;
        if self.came.len() > REMEMBERED {
            self.came.pop_front();
        }
    }

    /// Places in the log whose messages have to be fetched before more can be written.
    pub(crate) fn missing(&self) -> Vec<u64> {
        let under_way: Vec<u64> = self
            .flights
            .iter()
            .filter_map(|flight| match &flight.stage {
                Stage::Sent(delivery) if delivery.held().is_none() => flight.place,
                _ => None,
            })
            .collect();
        if under_way.is_empty() {
            self.queue.missing()
        } else {
            under_way
        }
    }

    /// Takes messages that were `asked` for and `found`; how many are not in the log any more.
    pub(crate) fn fill(&mut self, asked: &[u64], found: &HashMap<u64, Arc<Message>>) -> u64 {
        let before = self.flights.len();
        for flight in self.flights.iter_mut() {
            if let (Stage::Sent(delivery), Some(message)) = (
                &mut flight.stage,
                flight.place.and_then(|place| found.get(&place)),
            ) {
                delivery.content = super::Content::Held(Arc::clone(message));
            }
        }
        let asked_for: HashSet<u64> = asked.iter().copied().collect();
        self.flights.retain(|flight| {
            let lost = matches!(&flight.stage, Stage::Sent(delivery) if delivery.held().is_none());
            !(lost && flight.place.is_some_and(|place| asked_for.contains(&place)))
        });
        let lost = (before - self.flights.len()) as u64;
        lost + self.queue.fill(asked, found)
    }

    /// Writes again what was under way when the last connection ended.
    pub(crate) fn write_again(&mut self, wire: &mut dyn Wire, out: &mut BytesMut, now: Instant) {
        for flight in self.flights.iter() {
            let packet = match &flight.stage {
                Stage::Sent(delivery) => match delivery.held() {
                    Some(message) => publish(delivery, message, Some(flight.id), true, now),
                    None => continue,
                },
                Stage::Released => Packet::PublishRelease(Ack {
                    id: flight.id,
                    reason: Reason::Success,
                }),
            };
            wire.write(packet, out);
        }
    }

    /// Writes what waits, as much as the client takes at once and until `out` is about `full`. True where more has to be fetched first.
    pub(crate) fn write(
        &mut self,
        wire: &mut dyn Wire,
        out: &mut BytesMut,
        full: usize,
        now: Instant,
    ) -> bool {
        while out.len() < full {
            let Some(next) = self.queue.front() else {
                return false;
            };
            if next.qos > Qos::AtMostOnce && self.flights.len() >= self.receive_maximum {
                return false;
            }
            let Some(message) = next.held().cloned() else {
                return true;
            };
            let Some(delivery) = self.queue.pop() else {
                return false;
            };
            if message.is_expired(now) {
                self.settle(delivery.place(), delivery.shared);
                continue;
            }
            if delivery.qos == Qos::AtMostOnce {
                wire.write(publish(&delivery, &message, None, false, now), out);
                continue;
            }
            let Some(id) = self.flights.free_id() else {
                return false;
            };
            if wire.write(publish(&delivery, &message, Some(id), false, now), out) {
                self.sent(id, delivery);
            } else {
                // What is larger than the client takes is as good as delivered.
                self.settle(delivery.place(), delivery.shared);
            }
        }
        false
    }

    fn sent(&mut self, id: NonZeroU16, delivery: Delivery) {
        if let (Qos::ExactlyOnce, Some(place)) = (delivery.qos, delivery.place()) {
            self.note(Note::Sent {
                id: id.get(),
                place,
            });
        }
        self.flights.begin(id, delivery);
    }

    /// Notes that the client is done with the message that lies at `place`.
    fn settle(&mut self, place: Option<u64>, shared: bool) {
        if let Some(place) = place
            && (self.stored || shared)
        {
            self.settled.push(place);
            self.dirty = true;
        }
    }

    fn over(&mut self, flight: Option<Flight>) {
        if let Some(flight) = flight {
            self.settle(flight.place, flight.shared);
        }
    }

    /// The client has the message and is done with it.
    pub(crate) fn acknowledged(&mut self, id: NonZeroU16) {
        let flight = self.flights.acknowledged(id);
        self.over(flight);
    }

    /// The client has the message and waits to be told that it may forget it; the answer's reason, and nothing where it wants none.
    pub(crate) fn received_by_client(&mut self, ack: Ack) -> Option<Reason> {
        let heard = self.flights.received(ack);
        let answer = heard.answer();
        match heard {
            Heard::Released => self.note(Note::Received { id: ack.id.get() }),
            Heard::Refused(flight) => self.over(Some(flight)),
            Heard::Unknown => {}
        }
        answer
    }

    /// The client has forgotten the message.
    pub(crate) fn completed(&mut self, id: NonZeroU16) {
        let flight = self.flights.completed(id);
        self.over(flight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_before_is_remembered_for_a_time() {
        let session = Session::new("c".into());
        let (id, now) = (NonZeroU16::MIN, Instant::now());
        let mut state = session.lock();
        state.came_until = Some(now + MEMORY);
        state.remember(id, 7);
        assert!(!state.is_first(id, 7, true, now));
        assert!(state.release(id) && !state.release(id));
        // The same number for the same words, and this time nobody knows of it.
        state.remember(id, 7);
        assert!(state.is_first(id, 7, true, now + MEMORY));
        state.release(id);
        // Said not to come again, it is a new one whatever it says.
        state.remember(id, 7);
        assert!(state.is_first(id, 7, false, now));
    }
}
