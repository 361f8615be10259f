//! Many connections that listen and say nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;

use super::{Client, Login, client, tls};
use crate::fleet::scramble;
use crate::process::Process;

/// Connections that come and go before memory is measured, so that nothing is counted that comes but once.
const WARM_UP: u64 = 100;
/// How long memory gets to come to rest.
const REST: Duration = Duration::from_secs(10);
/// Connections that are made side by side where there is no hurry.
const SIDE_BY_SIDE: usize = 64;
/// How long an answer may take where there is no hurry.
const ANSWER: Duration = Duration::from_secs(30);
/// After how long without being in a client that wants to come back gives a try up, as long as the SDKs of AWS wait for a handshake.
pub(crate) const TRY: Duration = Duration::from_secs(10);
/// How long a client waits after a try in vain, at first and at the most.
const FIRST: Duration = Duration::from_millis(50);
const LAST: Duration = Duration::from_secs(1);
/// How long all may take to come back.
const ALL: Duration = Duration::from_secs(300);

/// A stream of bytes, with TLS or without.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// One connection of a crowd.
pub(crate) type Idle = Client<Box<dyn Stream>>;

/// Devices that are all the same but for their number.
#[derive(Clone)]
pub(crate) struct Crowd {
    /// Where the broker answers.
    pub(crate) address: String,
    /// By what they connect with TLS.
    pub(crate) tls: Option<TlsConnector>,
    /// Their user and password, where no certificate says who they are.
    pub(crate) secret: Option<(String, String)>,
    /// What their thing is called. Their client ids begin with that.
    pub(crate) thing: &'static str,
    /// How many they are.
    pub(crate) count: u64,
}

/// How a crowd came back.
#[derive(Debug)]
pub(crate) struct Return {
    /// When the last was in.
    pub(crate) last: Instant,
    /// What went wrong on the way, and how often.
    pub(crate) failed: BTreeMap<String, u64>,
}

impl Crowd {
    /// What a device listens to that follows its twin, as the SDKs of AWS do.
    fn filters(&self) -> Vec<String> {
        let of = |rest: &str| format!("$aws/things/{}/shadow/{rest}", self.thing);
        ["update/accepted", "update/rejected", "update/delta"]
            .into_iter()
            .chain(["get/+", "delete/+", "update/documents"])
            .map(of)
            .collect()
    }

    async fn one(&self, number: u64) -> Result<Idle> {
        let stream = client::open(&self.address).await?;
        let stream: Box<dyn Stream> = match &self.tls {
            Some(connector) => Box::new(tls::shake(connector, stream).await?),
            None => Box::new(stream),
        };
        let name = format!("{}:{number:04}", self.thing);
        let secret = self.secret.as_ref();
        let login = Login {
            client: &name,
            secret: secret.map(|(user, password)| (user.as_str(), password.as_str())),
        };
        let mut client = Client::connect(stream, login).await?;
        client.subscribe(&self.filters(), 1).await?;
        Ok(client)
    }

    /// Connects all, some side by side; each has to succeed at once.
    pub(crate) async fn gather(&self) -> Result<Vec<Idle>> {
        let turns = Arc::new(Semaphore::new(SIDE_BY_SIDE));
        let mut tasks = JoinSet::new();
        for number in 0..self.count {
            let (crowd, turns) = (self.clone(), Arc::clone(&turns));
            tasks.spawn(async move {
                let _turn = turns.acquire_owned().await?;
                let tried = timeout(ANSWER, crowd.one(number)).await;
                tried
                    .context("it takes too long")
                    .flatten()
                    .with_context(|| format!("device {number} connects"))
            });
        }
        let mut clients = Vec::new();
        while let Some(done) = tasks.join_next().await {
            clients.push(done??);
        }
        Ok(clients)
    }

    /// Connects all: what the resident memory of the broker `process` grows by with each, in KiB, and the connections.
    pub(crate) async fn grow(&self, process: Process) -> Result<(f64, Vec<Idle>)> {
        let few = Self {
            count: WARM_UP,
            ..self.clone()
        };
        drop(few.gather().await?);
        sleep(REST).await;
        let before = process.resident_kibibytes()?;
        let mut clients = self.gather().await?;
        sleep(REST).await;
        let grown = process.resident_kibibytes()?.saturating_sub(before);
        held(&mut clients).await?;
        Ok((grown as f64 / self.count as f64, clients))
    }

    /// Connects all at once, each again and again until it is in; all stay until the last is.
    pub(crate) async fn come_back(&self) -> Result<(Return, Vec<Idle>)> {
        let failed = Arc::new(Mutex::new(BTreeMap::new()));
        let mut tasks = JoinSet::new();
        for number in 0..self.count {
            let (crowd, failed) = (self.clone(), Arc::clone(&failed));
            tasks.spawn(async move { crowd.insist(number, &failed).await });
        }
        let (mut clients, mut last) = (Vec::new(), Instant::now());
        let all = async {
            while let Some(done) = tasks.join_next().await {
                let (at, client) = done?;
                last = last.max(at);
                clients.push(client);
            }
            anyhow::Ok(())
        };
        let all = timeout(ALL, all).await;
        let failed = std::mem::take(&mut *failed.lock().unwrap_or_else(PoisonError::into_inner));
        match all {
            Ok(all) => all?,
            Err(_) => bail!(
                "only {} of {} came back: {failed:?}",
                clients.len(),
                self.count
            ),
        }
        Ok((Return { last, failed }, clients))
    }

    async fn insist(&self, number: u64, failed: &Mutex<BTreeMap<String, u64>>) -> (Instant, Idle) {
        let (mut pause, mut tries) = (FIRST, 0);
        loop {
            let why = match timeout(TRY, self.one(number)).await {
                Ok(Ok(client)) => return (Instant::now(), client),
                Ok(Err(error)) => format!("{error:#}"),
                Err(_) => format!("no answer within {} s", TRY.as_secs()),
            };
            note(failed, why);
            // Between a half and the whole of the pause, so that they do not all come at once again.
            let share = 50 + scramble(number << 8 | tries) % 50;
            sleep(pause * share as u32 / 100).await;
            (pause, tries) = (LAST.min(pause * 2), tries + 1);
        }
    }
}

fn note(failed: &Mutex<BTreeMap<String, u64>>, why: String) {
    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
    *failed.entry(why).or_default() += 1;
}

/// Whether all of `clients` are still there and are answered.
pub(crate) async fn held(clients: &mut [Idle]) -> Result<()> {
    for client in clients {
        let answered = timeout(ANSWER, client.ping()).await;
        answered
            .context("no answer to a ping")
            .flatten()
            .context("a connection that only listens")?;
    }
    Ok(())
}
