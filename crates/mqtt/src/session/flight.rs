//! Messages that are under way to a client and not yet done with.

use std::collections::VecDeque;
use std::num::NonZeroU16;

use super::Delivery;
use crate::codec::{Ack, Qos, Reason};

/// How far a message has come.
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// Sent; nothing heard.
    Sent(Delivery),
    /// Received by the client, which may forget it now.
    Released,
}

/// A message under its number.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) id: NonZeroU16,
    pub(crate) stage: Stage,
    /// Where its message lies in the log, if it lies there.
    pub(crate) place: Option<u64>,
    /// Whether the message was for one of several.
    pub(crate) shared: bool,
}

/// All messages under way, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    all: VecDeque<Flight>,
    last: u16,
}

impl Flights {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Flight> {
        self.all.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Flight> {
        self.all.iter_mut()
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&Flight) -> bool) {
        self.all.retain(keep);
    }

    pub(crate) fn has(&self, place: u64) -> bool {
        self.all.iter().any(|flight| flight.place == Some(place))
    }

    /// A number that no message under way has.
    pub(crate) fn free_id(&mut self) -> Option<NonZeroU16> {
        for _ in 0..u16::MAX {
            self.last = self.last.checked_add(1).unwrap_or(1);
            if let Some(id) = NonZeroU16::new(self.last)
                && self.find(id).is_none()
            {
                return Some(id);
            }
        }
        None
    }

    pub(crate) fn begin(&mut self, id: NonZeroU16, delivery: Delivery) {
        self.last = self.last.max(id.get());
        self.all.push_back(Flight {
            id,
            place: delivery.place(),
            shared: delivery.shared,
            stage: Stage::Sent(delivery),
        });
    }

    /// A message that the client has, and has not been told to forget or has not said that it did.
    pub(crate) fn released(&mut self, id: NonZeroU16, place: Option<u64>) {
        self.last = self.last.max(id.get());
        self.all.push_back(Flight {
            id,
            stage: Stage::Released,
            place,
            shared: false,
        });
    }

    fn find(&self, id: NonZeroU16) -> Option<usize> {
        self.all.iter().position(|flight| flight.id == id)
    }

    /// The client has the message and is done with it; the message, where there was one.
    pub(crate) fn acknowledged(&mut self, id: NonZeroU16) -> Option<Flight> {
        let at = self.find(id)?;
        let ends = matches!(&self.all[at].stage, Stage::Sent(delivery) if delivery.qos == Qos::AtLeastOnce);
        if ends { self.all.remove(at) } else { None }
    }

    /// The client has the message and waits to be told that it may forget it.
    pub(crate) fn received(&mut self, ack: Ack) -> Heard {
        let Some(at) = self.find(ack.id) else {
            return Heard::Unknown;
        };
        if ack.reason.is_failure() {
            return self.all.remove(at).map_or(Heard::Unknown, Heard::Refused);
        }
        self.all[at].stage = Stage::Released;
        Heard::Released
    }

    /// The client has forgotten the message.
    pub(crate) fn completed(&mut self, id: NonZeroU16) -> Option<Flight> {
        let at = self.find(id)?;
        let ends = matches!(self.all[at].stage, Stage::Released);
        if ends { self.all.remove(at) } else { None }
    }

    /// Takes out the message that lies at `place`.
    pub(crate) fn settle(&mut self, place: u64) -> bool {
        let at = self
            .all
            .iter()
            .position(|flight| flight.place == Some(place));
        at.is_some_and(|at| self.all.remove(at).is_some())
    }
}

/// What a client's word that it received something leads to.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It is told that it may forget the message.
    Released,
    /// It did not want the message, which is over.
    Refused(Flight),
    /// There is no such message.
    Unknown,
}

impl Heard {
    /// The reason of the answer; nothing where there is none.
    pub(crate) const fn answer(&self) -> Option<Reason> {
        match self {
            Self::Released => Some(Reason::Success),
            Self::Unknown => Some(Reason::PacketIdNotFound),
            Self::Refused(_) => None,
        }
    }
}
