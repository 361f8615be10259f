//! A broker whose ports a test holds in its hands.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::DuplexStream;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use trunkline_model::SeededIds;
use trunkline_mqtt::{
    Broker, ClientLimits, Door, End, Hello, Journal, Limits, NotKept, Pass, Peer, Ports, Received,
    Refused, Reply, Reserved, Watch,
};

/// What the ports saw, and what they are to do.
#[derive(Debug, Default)]
pub(crate) struct Hands {
    pub(crate) kept: Mutex<Vec<(String, Vec<u8>)>>,
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

impl Hands {
    pub(crate) fn topics(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        kept.iter().map(|(topic, _)| topic.clone()).collect()
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
            subscribe: all,
            limits,
        }))
    }
}

#[async_trait]
impl Journal for Shared {
    async fn keep(&self, messages: &[Received]) -> Result<(), NotKept> {
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
        let mut kept = self.0.kept.lock().unwrap();
        for received in messages {
            kept.push((
                received.message.topic.to_string(),
                received.message.payload.to_vec(),
            ));
        }
        Ok(())
    }
}

#[async_trait]
impl Reserved for Shared {
    async fn handle(&self, received: &Received) -> Result<Vec<Reply>, NotKept> {
        Ok(vec![Reply {
            topic: format!("{}/accepted", received.message.topic),
            payload: received.message.payload.clone(),
        }])
    }
}

impl Watch for Shared {
    fn connected(&self, client: &str, _: &Pass, _: IpAddr, version: u8) {
        self.0.tell(format!("connected {client} {version}"));
    }

    fn gone(&self, client: &str, _: &Pass, end: End) {
        self.0.tell(format!("gone {client} {}", end.as_str()));
    }

    fn refused(&self, hello: Hello<'_>, why: Refused) {
        self.0.tell(format!("refused {} {why:?}", hello.client));
    }

    fn dropped(&self, client: &str, limit: &'static str) {
        self.0.tell(format!("dropped {client} {limit}"));
    }

    fn denied(&self, client: &str, _: &Pass, action: &'static str, topic: &str) {
        self.0.tell(format!("denied {client} {action} {topic}"));
    }
}

/// A broker, its ports, and the way to stop it.
pub(crate) struct House {
    pub(crate) broker: Broker,
    pub(crate) ports: Arc<Hands>,
    pub(crate) closing: CancellationToken,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let ports = Arc::new(Hands::default());
        let shared = Arc::new(Shared(Arc::clone(&ports)));
        let closing = CancellationToken::new();
        let all = Ports {
            door: Arc::clone(&shared) as _,
            journal: Arc::clone(&shared) as _,
            reserved: Arc::clone(&shared) as _,
            watch: shared,
            ids: Arc::new(SeededIds::new(7)),
        };
        Self {
            broker: Broker::new(limits, all, closing.clone()),
            ports,
            closing,
        }
    }

    /// One end of a new connection, with so many bytes between the ends.
    pub(crate) fn dial(&self, room: usize) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(room);
        let broker = self.broker.clone();
        let peer = Peer {
            address: [127, 0, 0, 1].into(),
        };
        tokio::spawn(async move { broker.serve(theirs, peer).await });
        ours
    }
}
