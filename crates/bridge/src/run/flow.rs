//! One direction of a bridge.

use std::time::Duration;

use tokio::time::Instant;

use crate::mark::Marks;
use crate::message::Message;
use crate::rate::Bucket;
use crate::window::{Taken, Window};
use crate::wire::Hello;
use crate::{Direction, Dropped, FlowStatus, Limits, Map, Reason, Settings};
use trunkline_topic::{LONGEST, is_topic};

/// How often people are told of dropped messages.
const TELL: Duration = Duration::from_secs(10);

/// The messages of one direction, and what became of those that are gone.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) direction: Direction,
    pub(super) window: Window,
    pub(super) status: FlowStatus,
    messages: Bucket,
    bytes: Bucket,
    dropped: Vec<Dropped>,
    tell_at: Instant,
}

/// What is to be done with a message that came.
#[derive(Debug, PartialEq, Eq)]
enum Judgement {
    Carry(Message),
    /// It came from the side where it would go.
    Returned,
    /// No map takes it.
    Unwanted,
    Drop(Reason),
}

/// What may be done for a flow now.
#[derive(Debug)]
pub(super) enum Next<'a> {
    Send(&'a Message),
    /// There is something to send, later.
    Wait(Instant),
    Nothing,
}

impl Flow {
    pub(super) fn new(direction: Direction, limits: &Limits, now: Instant) -> Self {
        // The platform's own broker says for itself when it is too much.
        let (messages, bytes) = match direction {
            Direction::Out => (limits.messages_per_second, limits.bytes_per_second),
            Direction::In => (0, 0),
        };
        Self {
            direction,
            window: Window::default(),
            status: FlowStatus::default(),
            messages: Bucket::new(messages, now),
            bytes: Bucket::new(bytes, now),
            dropped: Vec::new(),
            tell_at: now,
        }
    }

    /// Takes a message that came from the origin.
    pub(super) fn arrive(
        &mut self,
        (settings, marks): (&Settings, &Marks),
        packet: Option<u16>,
        message: Option<Message>,
    ) {
        self.status.received += 1;
        let Some(message) = message else {
            self.drop_message(Reason::TopicInvalid, "", 0);
            self.window.take(packet, None);
            return;
        };
        let (topic, bytes) = (message.topic.clone(), message.payload.len());
        let taken = match judge(settings, marks, self.direction, message) {
            Judgement::Carry(message) => self.window.take(packet, Some(message)),
            Judgement::Returned => {
                self.status.returned += 1;
                self.window.take(packet, None)
            }
            Judgement::Unwanted => {
                self.status.unwanted += 1;
                self.window.take(packet, None)
            }
            Judgement::Drop(reason) => {
                let taken = self.window.take(packet, None);
                if taken == Taken::Yes {
                    self.drop_message(reason, &topic, bytes);
                }
                taken
            }
        };
        if taken == Taken::Lost {
            self.drop_message(Reason::Overrun, &topic, bytes);
        }
    }

    /// What to send next to a destination that said `hello`, where `in_flight` may be under way; what it never would take is dropped.
    pub(super) fn next(&mut self, in_flight: u16, hello: &Hello, now: Instant) -> Next<'_> {
        let in_flight = in_flight.min(hello.receive_maximum).max(1);
        while let Some(reason) = self
            .window
            .next(in_flight.into())
            .and_then(|message| too_large(message, hello))
        {
            if let Some(message) = self.window.give_up() {
                self.drop_message(reason, &message.topic, message.payload.len());
            }
        }
        let Some(message) = self.window.next(in_flight.into()) else {
            return Next::Nothing;
        };
        let wait = self
            .messages
            .wait(1, now)
            .max(self.bytes.wait(message.payload.len(), now));
        if wait.is_zero() {
            Next::Send(message)
        } else {
            Next::Wait(now + wait)
        }
    }

    /// The message that was next was handed on.
    pub(super) fn given(&mut self, bytes: usize) {
        self.window.given();
        self.messages.take(1);
        self.bytes.take(bytes);
    }

    /// The connection to the destination ended, perhaps because of the first message under way. The topic of that, and whether it is
    /// given up, since it was so too often.
    pub(super) fn destination_lost(&mut self, perhaps_message: bool) -> Option<(String, bool)> {
        let topic = self.window.under_way().map(str::to_owned);
        let given_up = self.window.strike(perhaps_message);
        self.window.destination_lost();
        if let Some(message) = &given_up {
            self.drop_message(
                Reason::ConnectionEnded,
                &message.topic,
                message.payload.len(),
            );
        }
        topic.map(|topic| (topic, given_up.is_some()))
    }

    pub(super) fn drop_message(&mut self, reason: Reason, topic: &str, bytes: usize) {
        self.status.dropped += 1;
        let known = self
            .dropped
            .iter_mut()
            .find(|dropped| dropped.reason == reason);
        let topic = topic.to_owned();
        if let Some(dropped) = known {
            dropped.count += 1;
            (dropped.topic, dropped.bytes) = (topic, bytes);
        } else {
            self.dropped.push(Dropped {
                direction: self.direction,
                reason,
                count: 1,
                topic,
                bytes,
            });
        }
    }

    /// What people are to be told now, or when there will be something to tell.
    pub(super) fn tell(&mut self, now: Instant) -> Result<Vec<Dropped>, Option<Instant>> {
        if self.dropped.is_empty() {
            return Err(None);
        }
        if now < self.tell_at {
            return Err(Some(self.tell_at));
        }
        self.tell_at = now + TELL;
        Ok(self.tell_rest())
    }

    /// All that people have not been told.
    pub(super) fn tell_rest(&mut self) -> Vec<Dropped> {
        std::mem::take(&mut self.dropped)
    }
}

fn judge(
    settings: &Settings,
    marks: &Marks,
    direction: Direction,
    mut message: Message,
) -> Judgement {
    let returned = match direction {
        Direction::Out => marks.came_from_remote(&message.properties),
        Direction::In => marks.came_from_here(&message.properties),
    };
    if returned {
        return Judgement::Returned;
    }
    let mapped = settings.maps(direction).iter().find_map(|map: &Map| {
        let topic = map.translate(direction, &message.topic)?;
        Some((topic, map.quality))
    });
    let Some((topic, quality)) = mapped else {
        return Judgement::Unwanted;
    };
    if message.payload.len() > settings.limits.payload_bytes {
        return Judgement::Drop(Reason::PayloadTooLarge);
    }
    if topic.len() > LONGEST {
        return Judgement::Drop(Reason::TopicTooLong);
    }
    if !is_topic(&topic, LONGEST, usize::MAX) {
        return Judgement::Drop(Reason::TopicInvalid);
    }
    message.topic = topic;
    message.quality = message.quality.min(quality);
    match direction {
        Direction::Out => marks.mark_sent_out(&mut message.properties),
        Direction::In => marks.mark_brought_in(&mut message.properties),
    }
    Judgement::Carry(message)
}

fn too_large(message: &Message, hello: &Hello) -> Option<Reason> {
    if !hello.topics.take(&message.topic) {
        return Some(Reason::TopicTooLong);
    }
    hello
        .packet_bytes
        .is_some_and(|most| message.packet_bytes() > most)
        .then_some(Reason::PacketTooLarge)
}
