//! The whole state, as of a place in the log.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::Instant;
use trunkline_model::Timestamp;

use super::{Entry, Note};
use crate::broker::{Broker, Core};
use crate::codec::Qos;
use crate::session::{
    Delivery, FlightImage, SessionImage, Stage, State, SubscriptionImage, WaitingImage,
};
use crate::{Message, NotKept};

/// What changed since the last checkpoint.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    /// The place in the log from which on it has to be played again: all that lies before is in here.
    pub from: u64,
    /// Sessions that changed.
    pub sessions: Vec<SessionImage>,
    /// Clients whose sessions are not there any more.
    pub forgotten: Vec<String>,
    /// Topics whose retained message changed.
    pub retained: Vec<RetainedImage>,
}

/// The retained message of one topic.
#[derive(Clone, Debug)]
pub struct RetainedImage {
    /// The topic.
    pub topic: String,
    /// The message; nothing where there is none any more.
    pub message: Option<Arc<Message>>,
    /// About when the message was taken.
    pub at: Timestamp,
    /// Where the message lies in the log.
    pub place: Option<u64>,
}

impl Broker {
    /// Makes durable which messages clients are done with, and which sessions ended. To be called every second or so: what is not durable
    /// yet comes again after a crash.
    ///
    /// # Errors
    /// [`NotKept`] where it is not durable; messages may come again then.
    pub async fn settle(&self) -> Result<(), NotKept> {
        let entries = self.0.unsettled();
        if entries.is_empty() {
            return Ok(());
        }
        self.0.ports.journal.note(&entries).await
    }

    /// What changed since the last call. What could not be written down has to be asked for again after [`Self::changed_all`].
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        let from = self.0.applied();
        let (now, wall) = (Instant::now(), self.0.ports.clock.now());
        let mut checkpoint = Checkpoint {
            from,
            forgotten: self.0.take_forgotten(),
            retained: self.0.retained().changed(now, wall),
            ..Checkpoint::default()
        };
        for session in self.0.all() {
            let mut state = session.lock();
            if state.stored && std::mem::take(&mut state.dirty) {
                let image = state.image(&session.client, (now, wall));
                checkpoint.sessions.push(image);
            }
        }
        checkpoint
    }

    /// Puts all that there is into the next checkpoint.
    pub fn changed_all(&self) {
        self.0.retained().changed_all();
        for session in self.0.all() {
            session.lock().dirty = true;
        }
    }
}

impl Core {
    /// What clients are done with since the last time, and sessions that ended.
    fn unsettled(&self) -> Vec<Entry> {
        let mut entries = self.take_loose();
        for session in self.all() {
            let places = std::mem::take(&mut session.lock().settled);
            if !places.is_empty() {
                entries.push(Entry {
                    client: session.client.to_string(),
                    note: Note::Settled { places },
                });
            }
        }
        entries
    }

    /// Counts what the log has not any more.
    pub(crate) fn lost(&self, client: &str, count: u64) {
        if count > 0 {
            self.count.dropped.fetch_add(count - 1, Ordering::Relaxed);
            self.dropped(client, "log");
        }
    }
}

impl State {
    fn image(&self, client: &str, (now, wall): (Instant, Timestamp)) -> SessionImage {
        let mut waiting = Vec::new();
        let mut flights = Vec::new();
        for flight in self.flights.iter() {
            match &flight.stage {
                // It comes again under another number, as it may.
                Stage::Sent(delivery) if delivery.qos != Qos::ExactlyOnce => {
                    waiting.extend(image_of(delivery));
                }
                Stage::Sent(delivery) => flights.push(FlightImage {
                    id: flight.id.get(),
                    place: flight.place,
                    message: image_of(delivery),
                }),
                Stage::Released => flights.push(FlightImage {
                    id: flight.id.get(),
                    place: flight.place,
                    message: None,
                }),
            }
        }
        // What has no place in the log cannot come back.
        flights.retain(|flight| flight.place.is_some());
        let lasting = self
            .queue
            .iter()
            .filter(|delivery| delivery.qos > Qos::AtMostOnce);
        waiting.extend(lasting.filter_map(image_of));
        let received = self
            .received
            .iter()
            .map(|(id, known_by)| (id.get(), *known_by));
        let came = self.came.iter().map(|(id, known_by)| (id.get(), *known_by));
        SessionImage {
            client: client.to_owned(),
            principal: self.owner().map_or_else(String::new, ToString::to_string),
            expiry: self.expiry,
            ends: self.ends.map(|ends| {
                let left = ends.saturating_duration_since(now).as_micros();
                let left = i64::try_from(left).unwrap_or(i64::MAX);
                Timestamp::from_micros(wall.as_micros().saturating_add(left))
            }),
            subscriptions: self
                .subscriptions
                .iter()
                .map(|(filter, options)| SubscriptionImage::of(filter, options))
                .collect(),
            waiting,
            flights,
            came: came.chain(received).collect(),
        }
    }
}

fn image_of(delivery: &Delivery) -> Option<WaitingImage> {
    Some(WaitingImage {
        place: delivery.place()?,
        quality: delivery.qos as u8,
        retain: delivery.retain,
        ids: delivery.ids.clone(),
    })
}
