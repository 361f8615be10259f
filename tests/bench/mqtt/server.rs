//! The brokers that are measured: ours, and Mosquitto.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpStream as Stream;

use super::{Client, Login, client};
use crate::platform::Platform;
use crate::process::Process;

/// How busy a broker at rest may be, in hundredths of a core, and how long it may take until it is.
const REST: u32 = 5;
const PATIENCE: Duration = Duration::from_secs(120);

/// A broker that answers without TLS.
#[derive(Clone)]
pub(crate) struct Server {
    /// As people call it.
    pub(crate) name: &'static str,
    /// Where it answers.
    pub(crate) address: String,
    /// What it costs.
    pub(crate) process: Process,
    /// What it wants to be told of who connects: a user and a password.
    pub(crate) secret: Option<(String, String)>,
}

impl Server {
    /// Ours at `address`, with the token of a service.
    pub(crate) fn ours(platform: &Platform, address: &str) -> Self {
        Self {
            name: "Trunkline",
            address: address.to_owned(),
            process: platform.process,
            secret: Some(("bench".to_owned(), platform.token.clone())),
        }
    }

    /// Connects as `client`.
    pub(crate) async fn connect(&self, client: &str) -> Result<Client<Stream>> {
        let secret = self.secret.as_ref();
        let login = Login {
            client,
            secret: secret.map(|(user, password)| (user.as_str(), password.as_str())),
        };
        let stream = client::open(&self.address).await?;
        let connected = Client::connect(stream, login).await;
        connected.with_context(|| format!("{client} connects to {}", self.name))
    }

    /// Connects so many, one after another.
    pub(crate) async fn connect_all(&self, count: usize) -> Result<Vec<Client<Stream>>> {
        let mut clients = Vec::with_capacity(count);
        for number in 0..count {
            clients.push(self.connect(&format!("load-{number}")).await?);
        }
        Ok(clients)
    }
}

/// Mosquitto. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Mosquitto {
    child: Child,
    address: String,
}

impl Mosquitto {
    /// As it and its version are called, in a row.
    pub(crate) fn version() -> Result<String> {
        // Debian has it where not everybody looks for programs.
        let text = crate::version_of("mosquitto", "-h").context("Debian's package mosquitto")?;
        Ok(text.replacen("mosquitto version", "Mosquitto", 1))
    }

    /// Starts one in `folder` at `address`; with TLS where `tls` says so, with what [`super::issue`] has made there.
    pub(crate) fn start(folder: &Path, address: &str, tls: bool) -> Result<Self> {
        let port = address.rsplit(':').next().unwrap_or_default();
        let of = |name: &str| folder.join(name).display().to_string();
        let tls = if tls {
            format!(
                "cafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate true\nuse_identity_as_username true",
                of("root.pem"),
                of("server.pem"),
                of("server.key")
            )
        } else {
            String::new()
        };
        let config = include_str!("../peers/mosquitto.conf")
            .replace("{port}", port)
            .replace("{tls}", &tls);
        std::fs::write(folder.join("mosquitto.conf"), config)?;
        let child = Command::new("mosquitto")
            .args(["-c", &of("mosquitto.conf")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("mosquitto.said"))?)
            .spawn()
            .context("start mosquitto")?;
        let mosquitto = Self {
            child,
            address: address.to_owned(),
        };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(
                started.elapsed() < Duration::from_secs(30),
                "mosquitto does not listen: {}",
                std::fs::read_to_string(folder.join("mosquitto.said"))?
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(mosquitto)
    }

    /// What it costs.
    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// It as one of those that are measured.
    pub(crate) fn server(&self) -> Server {
        Server {
            name: "Mosquitto",
            address: self.address.clone(),
            process: self.process(),
            secret: None,
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

/// Waits until none of `servers` has anything left to do, so that the next one is not measured beside their work.
pub(crate) fn quiet(servers: &[Process]) -> Result<()> {
    let started = Instant::now();
    let spent = || {
        servers
            .iter()
            .map(|server| server.cpu())
            .sum::<Result<Duration>>()
    };
    while started.elapsed() < PATIENCE {
        let before = spent()?;
        let second = Duration::from_secs(1);
        std::thread::sleep(second);
        if spent()?.saturating_sub(before) < second * REST / 100 {
            return Ok(());
        }
    }
    bail!("the servers do not come to rest")
}

/// Lets this process and those that it starts have as many open files as the system allows.
pub(crate) fn allow_many_files(needed: u64) -> Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    ensure!(
        maximum.is_none_or(|maximum| maximum >= needed),
        "the system allows {maximum:?} open files, and {needed} are needed: `ulimit -n` as root"
    );
    let current = maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}
