//! What happens at the broker, as events.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use trunkline_ingest::Ingest;
use trunkline_model::{Clock, Event, IdGen, catalogue};
use trunkline_mqtt::{End, Hello, Pass, Refused, Watch};
use trunkline_web::Sampler;

use crate::presence::Presence;

/// Events that wait to be written at the most; a storm must not take the memory.
const MOST: usize = 8_192;
/// Events that are written together.
const TOGETHER: usize = 256;
/// How long an event may wait for others.
const EVERY: Duration = Duration::from_millis(50);

/// Turns what it is told into events.
#[derive(Debug)]
pub(crate) struct IntoEvents {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    waiting: mpsc::Sender<Event>,
    lost: Arc<AtomicU64>,
    refusals: Mutex<Sampler<String>>,
    presence: Arc<Presence>,
}

/// The other end of [`IntoEvents`].
#[derive(Debug)]
pub(crate) struct Waiting {
    events: mpsc::Receiver<Event>,
    lost: Arc<AtomicU64>,
}

impl IntoEvents {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        presence: Arc<Presence>,
    ) -> (Self, Waiting) {
        let (waiting, events) = mpsc::channel(MOST);
        let lost = Arc::new(AtomicU64::new(0));
        let watch = Self {
            clock,
            ids,
            waiting,
            lost: Arc::clone(&lost),
            refusals: Mutex::default(),
            presence,
        };
        (watch, Waiting { events, lost })
    }

    /// How many events of this kind were passed over; nothing where this one is to be too.
    fn first(&self, kind: String) -> Option<u64> {
        let second = self.clock.now().as_micros().div_euclid(1_000_000);
        self.refusals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .first(kind, second)
    }

    pub(crate) fn tell(&self, kind: &'static str, client: &str, data: &Value) {
        let event = Event::platform("fleet", kind, client, self.clock.now(), &*self.ids, data);
        let told = event.is_ok_and(|event| self.waiting.try_send(event).is_ok());
        if !told {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Watch for IntoEvents {
    fn connected(&self, client: &str, connection: u64, pass: &Pass, peer: IpAddr, version: u8) {
        let data = json!({
            "client": client, "principal": &*pass.principal, "thing": pass.thing.as_deref(), "address": peer.to_string(),
            "version": version,
        });
        self.tell(catalogue::FLEET_CLIENT_CONNECTED, client, &data);
        self.presence.connected(client, connection, pass, peer);
    }

    fn gone(&self, client: &str, connection: u64, pass: &Pass, end: End) {
        let data = json!({
            "client": client, "principal": &*pass.principal, "thing": pass.thing.as_deref(), "reason": end.as_str(),
        });
        self.tell(catalogue::FLEET_CLIENT_GONE, client, &data);
        self.presence.gone(client, connection, pass, end);
    }

    fn refused(&self, hello: Hello<'_>, why: Refused) {
        let why = match why {
            Refused::Credentials => "credentials",
            Refused::Forbidden => "forbidden",
            Refused::ClientId => "client-id",
            Refused::Busy => "busy",
        };
        let kind = format!("{why} {}", hello.peer);
        let Some(repeated) = self.first(kind) else {
            return;
        };
        let data = json!({
            "client": hello.client, "address": hello.peer.to_string(), "reason": why, "repeated": repeated,
        });
        self.tell(catalogue::FLEET_CLIENT_REFUSED, hello.client, &data);
    }

    fn crowded(&self, client: &str, peer: IpAddr, limit: &'static str, repeated: u64) {
        let data = json!({
            "client": client, "address": peer.to_string(), "reason": limit, "repeated": repeated,
        });
        self.tell(catalogue::FLEET_CLIENT_REFUSED, client, &data);
    }

    fn dropped(&self, client: &str, limit: &'static str) {
        let Some(repeated) = self.first(format!("{limit} {client}")) else {
            return;
        };
        let data = json!({"client": client, "limit": limit, "repeated": repeated});
        self.tell(catalogue::FLEET_MESSAGE_DROPPED, client, &data);
    }

    fn denied(&self, client: &str, pass: &Pass, action: &'static str, topic: &str) {
        let kind = format!("{action} {client} {topic}");
        let Some(repeated) = self.first(kind) else {
            return;
        };
        let data = json!({
            "client": client, "principal": &*pass.principal, "thing": pass.thing.as_deref(), "action": action, "topic": topic,
            "repeated": repeated,
        });
        self.tell(catalogue::FLEET_TOPIC_DENIED, client, &data);
    }
}

impl Waiting {
    /// Writes what waits, again and again; after `stop`, for the last time.
    pub(crate) async fn deliver(mut self, ingest: Ingest, stop: CancellationToken) {
        let mut events = Vec::with_capacity(TOGETHER);
        loop {
            let stopped = tokio::select! {
                count = self.events.recv_many(&mut events, TOGETHER) => count == 0,
                () = stop.cancelled() => {
                    while let Ok(event) = self.events.try_recv() {
                        events.push(event);
                    }
                    true
                }
            };
            if !events.is_empty() {
                if let Err(error) = ingest.append_events(&events).await {
                    tracing::warn!(%error, "events of the broker could not be written");
                }
                events.clear();
            }
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                tracing::warn!(
                    lost,
                    "events of the broker were lost: there were too many at once"
                );
            }
            if stopped {
                return;
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}
