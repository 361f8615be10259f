//! Who comes and goes, on the topics of AWS IoT: `$aws/events/presence/connected/CLIENT` and `…/disconnected/CLIENT`.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use tokio::sync::mpsc;
use trunkline_model::{Clock, IdGen};
use trunkline_mqtt::{Broker, End, Message, Pass};

/// Notices that wait to be sent at the most; a storm must not take the memory.
const MOST: usize = 8_192;

/// Tells who comes and goes.
#[derive(Debug)]
pub(crate) struct Presence {
    clock: Arc<dyn Clock>,
    notices: mpsc::Sender<Message>,
    waiting: Mutex<Option<mpsc::Receiver<Message>>>,
    /// What the connections of this run of the platform are told apart by from those of others.
    run: String,
    /// Grows with each notice, over restarts too, so that whoever gets two in the wrong order knows.
    version: AtomicU64,
    sending: OnceLock<()>,
}

impl Presence {
    pub(crate) fn new(clock: Arc<dyn Clock>, ids: &dyn IdGen) -> Self {
        let (notices, waiting) = mpsc::channel(MOST);
        let now = clock.now();
        Self {
            run: ids.ulid(now).to_string(),
            version: AtomicU64::new(now.as_micros().unsigned_abs()),
            clock,
            notices,
            waiting: Mutex::new(Some(waiting)),
            sending: OnceLock::new(),
        }
    }

    /// Sends notices through `broker` as long as it is there.
    pub(crate) async fn send(&self, broker: &Broker) {
        let taken = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut waiting) = taken else {
            return;
        };
        self.sending.get_or_init(|| ());
        while let Some(message) = waiting.recv().await {
            broker.tell(message).await;
        }
    }

    pub(crate) fn connected(&self, client: &str, connection: u64, pass: &Pass, peer: IpAddr) {
        let mut data = self.data(client, connection, pass, "connected");
        data["ipAddress"] = peer.to_string().into();
        self.tell("connected", client, &data);
    }

    pub(crate) fn gone(&self, client: &str, connection: u64, pass: &Pass, end: End) {
        let mut data = self.data(client, connection, pass, "disconnected");
        data["clientInitiatedDisconnect"] = (end == End::Disconnected).into();
        data["disconnectReason"] = reason(end).into();
        self.tell("disconnected", client, &data);
    }

    fn data(&self, client: &str, connection: u64, pass: &Pass, event: &str) -> Value {
        json!({
            "clientId": client, "timestamp": self.clock.now().as_micros().div_euclid(1_000), "eventType": event,
            "sessionIdentifier": format!("{}-{connection}", self.run), "principalIdentifier": &*pass.credential,
            "versionNumber": self.version.fetch_add(1, Ordering::Relaxed),
        })
    }

    fn tell(&self, event: &str, client: &str, data: &Value) {
        // One that is lost is lost as it would be on the way; the event in the log is not.
        if self.sending.get().is_some() {
            let topic = format!("$aws/events/presence/{event}/{client}");
            drop(
                self.notices
                    .try_send(Message::own(topic, data.to_string().into())),
            );
        }
    }
}

/// The words of AWS.
const fn reason(end: End) -> &'static str {
    match end {
        End::Disconnected => "CLIENT_INITIATED_DISCONNECT",
        End::Lost => "CONNECTION_LOST",
        End::KeepAlive => "MQTT_KEEP_ALIVE_TIMEOUT",
        End::TakenOver => "DUPLICATE_CLIENTID",
        End::Protocol => "CLIENT_ERROR",
        End::Slow => "THROTTLED",
        End::Revoked => "AUTH_ERROR",
        End::Shutdown => "SERVER_INITIATED_DISCONNECT",
    }
}
