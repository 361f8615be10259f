//! Bridges that run, with what they tell.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use trunkline_bridge::{
    BridgeFile, BridgeStatus, Bridges, Dropped, Home, Local, Ports, Problem, Side, Watch,
};
use trunkline_model::{SeededIds, SystemClock};

/// Our broker is on this port.
#[derive(Debug)]
struct At(u16);

#[async_trait]
impl Home for At {
    async fn local(&self) -> Result<Local, String> {
        let address = ([127, 0, 0, 1], self.0).into();
        Ok(Local::new(address, "bridge".into(), "token".into()))
    }
}

/// Writes down what it is told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) lines: Mutex<Vec<String>>,
    pub(crate) dropped: Mutex<Vec<Dropped>>,
}

impl Watch for Told {
    fn connected(&self, bridge: &str, side: Side, address: &str) {
        let line = format!("{bridge} {} connected {address}", side.word());
        self.lines.lock().unwrap().push(line);
    }

    fn disconnected(&self, bridge: &str, side: Side, _: &str, reason: &str) {
        let line = format!("{bridge} {} disconnected {reason}", side.word());
        self.lines.lock().unwrap().push(line);
    }

    fn dropped(&self, _: &str, dropped: &Dropped) {
        self.dropped.lock().unwrap().push(dropped.clone());
    }
}

/// Bridges that run.
pub(crate) struct Rig {
    pub(crate) bridges: Arc<Bridges>,
    pub(crate) told: Arc<Told>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Rig {
    /// Runs bridges at the broker on port `local`, with these files.
    pub(crate) fn start(local: u16, files: &[(&str, String)]) -> Self {
        let told = Arc::<Told>::default();
        let watch: Arc<dyn Watch> = Arc::clone(&told) as _;
        let bridges = Arc::new(Bridges::new(Ports {
            home: Arc::new(At(local)),
            watch,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SeededIds::new(7)),
            folder: "/".into(),
        }));
        let stop = CancellationToken::new();
        let (running, stopping) = (Arc::clone(&bridges), stop.clone());
        let task = tokio::spawn(async move { running.run(stopping).await });
        let rig = Self {
            bridges,
            told,
            stop,
            task,
        };
        assert_eq!(rig.put(files), []);
        rig
    }

    pub(crate) fn put(&self, files: &[(&str, String)]) -> Vec<Problem> {
        let files: Vec<_> = files.iter().map(|(name, text)| file(name, text)).collect();
        self.bridges.put(&files)
    }

    pub(crate) fn status(&self) -> BridgeStatus {
        self.bridges.status().remove(0)
    }

    /// Waits until the files hold: the brokers have acknowledged all that they ask for, and the end of all that they no more ask for.
    pub(crate) async fn connected(&self) {
        until("the bridges are connected", || {
            let all = self.bridges.status();
            all.iter().all(|status| {
                let sides = [&status.local, &status.remote];
                sides.iter().all(|side| side.connected && side.subscribed)
            })
        })
        .await;
    }

    /// Breaks off without a word to anybody, as if the process had been killed.
    pub(crate) async fn break_off(self) {
        self.task.abort();
        drop(self.task.await);
    }

    /// Ends in good order.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(10), self.task)
            .await
            .expect("bridges end in time")
            .unwrap();
    }
}

pub(crate) fn file(name: &str, text: &str) -> BridgeFile {
    BridgeFile {
        name: format!("bridge/{name}.toml"),
        text: text.to_owned(),
    }
}

/// The first lines of a file for a remote on this port.
pub(crate) fn head(port: u16, version: u8) -> String {
    format!("server = \"mqtt://127.0.0.1:{port}\"\nversion = {version}\nclient_id = \"site-7\"\n")
}

/// Waits for something, and fails where it does not happen.
pub(crate) async fn until(what: &str, happens: impl Fn() -> bool) {
    for _ in 0..1_800 {
        if happens() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not in 90 seconds: {what}");
}
