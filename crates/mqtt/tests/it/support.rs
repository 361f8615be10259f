//! A broker whose ports a test holds in its hands.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::DuplexStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use trunkline_model::{ManualClock, SeededIds, Timestamp};
use trunkline_mqtt::{
    Audience, Broker, Checkpoint, ClientLimits, Door, End, Entry, Hello, Journal, Limits, Message,
    NotKept, Pass, Peer, Ports, Received, Refused, Reply, Reserved, StoredMessage, Watch,
};

/// What the ports saw, and what they are to do.
#[derive(Debug, Default)]
pub(crate) struct Hands {
    /// The log: messages and what became of sessions, in one order.
    pub(crate) log: Mutex<Vec<Record>>,
    /// The last checkpoint, made whole.
    kept: Mutex<Kept>,
    pub(crate) calls: AtomicUsize,
    /// While it is set, nothing is kept until `go`.
    pub(crate) hold: AtomicBool,
    pub(crate) go: Notify,
    pub(crate) full: AtomicBool,
    /// How many times something is kept; 0 for no limit.
    pub(crate) most: AtomicUsize,
    pub(crate) told: Mutex<Vec<String>>,
    pub(crate) small_queue: AtomicBool,
    /// Devices may use less than before.
    pub(crate) narrow: AtomicBool,
}

/// What lies in the log.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    Message(Box<Lying>),
    Entry(Entry),
    /// Retention has removed what was here.
    Gone,
}

/// A message as it lies there.
#[derive(Clone, Debug)]
pub(crate) struct Lying {
    pub(crate) topic: String,
    sender: String,
    quality: u8,
    retained: bool,
    id: Option<NonZeroU16>,
    attributes: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

impl Lying {
    fn of(received: &Received) -> Self {
        let message = &received.message;
        Self {
            topic: message.topic.to_string(),
            sender: message.sender.as_deref().unwrap_or_default().to_owned(),
            quality: message.quality(),
            retained: message.is_retained(),
            id: received.id,
            attributes: message.attributes(),
            payload: message.payload.to_vec(),
        }
    }

    fn stored(&self) -> StoredMessage<'_> {
        StoredMessage {
            topic: &self.topic,
            sender: &self.sender,
            quality: self.quality,
            retained: self.retained,
            id: self.id,
            content_type: "",
            attributes: &self.attributes,
            payload: &self.payload,
            at: Timestamp::from_micros(0),
        }
    }
}

#[derive(Debug, Default)]
struct Kept {
    from: u64,
    sessions: BTreeMap<String, String>,
    retained: BTreeMap<String, Lying>,
}

impl Hands {
    pub(crate) fn topics(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        log.iter()
            .filter_map(|record| match record {
                Record::Message(message) => Some(message.topic.clone()),
                _ => None,
            })
            .collect()
    }

    fn keep(&self, checkpoint: Checkpoint) {
        let mut kept = self.kept.lock().unwrap();
        kept.from = checkpoint.from;
        for client in checkpoint.forgotten {
            kept.sessions.remove(&client);
        }
        for image in checkpoint.sessions {
            let text = serde_json::to_string(&image).unwrap();
            kept.sessions.insert(image.client, text);
        }
        for image in checkpoint.retained {
            match image.message {
                None => kept.retained.remove(&image.topic),
                Some(message) => {
                    let received = Received {
                        message,
                        pass: own(),
                        id: None,
                    };
                    kept.retained.insert(image.topic, Lying::of(&received))
                }
            };
        }
    }

    /// Gives a new broker what was kept, and plays the rest of the log.
    fn restore(&self, broker: &Broker) {
        let kept = self.kept.lock().unwrap();
        let sessions = kept
            .sessions
            .values()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
        let now = Timestamp::from_micros(0);
        let retained = kept
            .retained
            .values()
            .filter_map(|lying| Message::restored(&lying.stored(), None, now))
            .collect();
        broker.restore(sessions, retained);
        let log = self.log.lock().unwrap();
        for (place, record) in (0..)
            .zip(log.iter())
            .skip(usize::try_from(kept.from).unwrap())
        {
            match record {
                Record::Message(message) => broker.replay(&message.stored(), place),
                Record::Entry(entry) => broker.replay_entry(entry, now),
                Record::Gone => {}
            }
        }
        broker.replayed();
    }

    pub(crate) fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    /// Waits until something that begins with `what` was told.
    pub(crate) async fn wait_for(&self, what: &str) {
        for _ in 0..500 {
            if self.told().iter().any(|told| told.starts_with(what)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("`{what}` was not told: {:?}", self.told());
    }

    fn tell(&self, what: String) {
        self.told.lock().unwrap().push(what);
    }
}

#[derive(Debug)]
struct Shared(Arc<Hands>);

#[async_trait]
impl Door for Shared {
    /// Devices are called `t1`, `t2`, ...; they may use topics below their own name. Everybody else is a service.
    async fn admit(&self, hello: Hello<'_>) -> Result<Arc<Pass>, Refused> {
        if hello.password == Some(b"wrong") {
            return Err(Refused::Credentials);
        }
        let device = hello.client.starts_with('t');
        let mut limits = if device {
            ClientLimits::device()
        } else {
            ClientLimits::service()
        };
        if self.0.small_queue.load(Ordering::Relaxed) {
            limits.queue = 10;
        }
        let own = if self.0.narrow.load(Ordering::Relaxed) {
            format!("{}/own/#", hello.client)
        } else {
            format!("{}/#", hello.client)
        };
        let all = if device {
            vec![own, format!("$aws/things/{}/#", hello.client)]
        } else {
            vec!["#".into(), "$aws/#".into()]
        };
        Ok(Arc::new(Pass {
            principal: hello.username.unwrap_or(hello.client).into(),
            credential: hello.client.into(),
            thing: device.then(|| hello.client.into()),
            publish: all.clone(),
            withheld: Vec::new(),
            subscribe: all,
            limits,
        }))
    }
}

#[async_trait]
impl Journal for Shared {
    async fn keep(&self, messages: &[Received]) -> Result<u64, NotKept> {
        let calls = self.0.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let most = self.0.most.load(Ordering::Relaxed);
        if most > 0 && calls > most {
            return Err(NotKept);
        }
        if self.0.hold.load(Ordering::Relaxed) {
            self.0.go.notified().await;
        }
        if self.0.full.load(Ordering::Relaxed) {
            return Err(NotKept);
        }
        let mut log = self.0.log.lock().unwrap();
        let first = log.len() as u64;
        log.extend(
            messages
                .iter()
                .map(|received| Record::Message(Box::new(Lying::of(received)))),
        );
        Ok(first)
    }

    async fn note(&self, entries: &[Entry]) -> Result<(), NotKept> {
        if self.0.full.load(Ordering::Relaxed) {
            return Err(NotKept);
        }
        let mut log = self.0.log.lock().unwrap();
        log.extend(entries.iter().cloned().map(Record::Entry));
        Ok(())
    }

    async fn fetch(&self, places: &[u64]) -> Result<Vec<(u64, Message)>, NotKept> {
        let log = self.0.log.lock().unwrap();
        let now = Timestamp::from_micros(0);
        let found =
            places
                .iter()
                .filter_map(|place| match log.get(usize::try_from(*place).unwrap())? {
                    Record::Message(lying) => {
                        let message = Message::restored(&lying.stored(), Some(*place), now)?;
                        Some((*place, message))
                    }
                    _ => None,
                });
        Ok(found.collect())
    }

    fn next(&self) -> u64 {
        self.0.log.lock().unwrap().len() as u64
    }
}

#[async_trait]
impl Reserved for Shared {
    async fn handle(&self, received: &Received, _: &Audience<'_>) -> Result<Vec<Reply>, NotKept> {
        Ok(vec![Reply {
            private: received.message.topic.ends_with("/secret"),
            topic: format!("{}/accepted", received.message.topic),
            payload: received.message.payload.clone(),
        }])
    }
}

impl Watch for Shared {
    fn connected(&self, client: &str, _: u64, _: &Pass, _: IpAddr, version: u8) {
        self.0.tell(format!("connected {client} {version}"));
    }

    fn gone(&self, client: &str, _: u64, _: &Pass, end: End) {
        self.0.tell(format!("gone {client} {}", end.as_str()));
    }

    fn refused(&self, hello: Hello<'_>, why: Refused) {
        self.0.tell(format!("refused {} {why:?}", hello.client));
    }

    fn crowded(&self, client: &str, peer: IpAddr, limit: &'static str, repeated: u64) {
        self.0
            .tell(format!("crowded {client} {peer} {limit} {repeated}"));
    }

    fn dropped(&self, client: &str, limit: &'static str) {
        self.0.tell(format!("dropped {client} {limit}"));
    }

    fn denied(&self, client: &str, _: &Pass, action: &'static str, topic: &str) {
        self.0.tell(format!("denied {client} {action} {topic}"));
    }
}

/// The platform as a sender.
fn own() -> Arc<Pass> {
    Arc::new(Pass {
        principal: "platform".into(),
        credential: "platform".into(),
        thing: None,
        publish: Vec::new(),
        withheld: Vec::new(),
        subscribe: Vec::new(),
        limits: ClientLimits::service(),
    })
}

/// A broker, its ports, and the way to stop it.
pub(crate) struct House {
    pub(crate) broker: Broker,
    pub(crate) ports: Arc<Hands>,
    pub(crate) closing: CancellationToken,
    /// The connections that were begun.
    served: Mutex<Vec<JoinHandle<()>>>,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        Self::on(Arc::new(Hands::default()), limits)
    }

    fn on(ports: Arc<Hands>, limits: Limits) -> Self {
        let shared = Arc::new(Shared(Arc::clone(&ports)));
        let closing = CancellationToken::new();
        let all = Ports {
            door: Arc::clone(&shared) as _,
            journal: Arc::clone(&shared) as _,
            reserved: Arc::clone(&shared) as _,
            watch: shared,
            ids: Arc::new(SeededIds::new(7)),
            clock: Arc::new(ManualClock::new(Timestamp::from_micros(0))),
            own: own(),
        };
        let broker = Broker::new(limits, all, closing.clone());
        ports.restore(&broker);
        Self {
            broker,
            ports,
            closing,
            served: Mutex::default(),
        }
    }

    /// Writes down what changed since the last time.
    pub(crate) fn checkpoint(&self) {
        self.ports.keep(self.broker.checkpoint());
    }

    /// A broker that knows what is written down and nothing else, in the place of this one, which is left as it stands.
    pub(crate) fn after_a_crash(&self) -> Self {
        Self::on(Arc::clone(&self.ports), Limits::default())
    }

    /// One end of a new connection of this machine, with so many bytes between the ends.
    pub(crate) fn dial(&self, room: usize) -> DuplexStream {
        self.dial_from([127, 0, 0, 1], room)
            .expect("the loopback is free")
    }

    /// One end of a new connection from elsewhere; nothing where it may not begin.
    pub(crate) fn dial_from(&self, address: [u8; 4], room: usize) -> Option<DuplexStream> {
        let arrival = self.broker.arrive(address.into())?;
        let (ours, theirs) = tokio::io::duplex(room);
        let broker = self.broker.clone();
        let peer = Peer {
            address: address.into(),
            certificate: None,
        };
        let served = tokio::spawn(async move { broker.serve(theirs, peer, arrival).await });
        self.served.lock().unwrap().push(served);
        Some(ours)
    }

    /// Fails where serving one of the connections that have ended broke down.
    pub(crate) async fn nobody_broke_down(&self) {
        let served = std::mem::take(&mut *self.served.lock().unwrap());
        for connection in served {
            if connection.is_finished() {
                connection.await.unwrap();
            } else {
                connection.abort();
            }
        }
    }
}
