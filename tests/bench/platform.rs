//! The release binary on free ports, and what it costs the machine.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::http::Connection;
use crate::process::Process;

/// A running platform. Dropping it kills it.
pub(crate) struct Platform {
    child: Child,
    pub(crate) process: Process,
    pub(crate) api: String,
    pub(crate) token: String,
    /// From the start of the process to the first `/readyz` that says so.
    pub(crate) ready: Duration,
}

impl Platform {
    /// Starts one on `data`, with further settings as `TRUNKLINE__…` variables.
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let api = free_address()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
        command
            .arg("up")
            .env("TRUNKLINE_DATA_DIR", data)
            .env("TRUNKLINE__API__LISTEN", &api)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(data.with_extension("said"))?);
        for section in [
            "GATEWAY__LISTEN",
            "MQTT__LISTEN",
            "MQTT__TLS_LISTEN",
            "PGWIRE__LISTEN",
            "OTLP__LISTEN",
            "OTLP__GRPC_LISTEN",
        ] {
            command.env(format!("TRUNKLINE__{section}"), free_address()?);
        }
        command.envs(settings.iter().copied());
        let started = Instant::now();
        let child = command.spawn().context("start the platform")?;
        let mut platform = Self {
            process: Process(child.id()),
            child,
            api,
            token: String::new(),
            ready: Duration::ZERO,
        };
        while !platform.is_ready() {
            if platform.child.try_wait()?.is_some() || started.elapsed() > Duration::from_secs(120)
            {
                bail!(
                    "the platform did not start: {}",
                    std::fs::read_to_string(data.with_extension("said"))?
                );
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        platform.ready = started.elapsed();
        platform.token = std::fs::read_to_string(data.join("local.token"))?
            .trim()
            .to_owned();
        Ok(platform)
    }

    fn is_ready(&self) -> bool {
        let answer =
            Connection::open(&self.api, "").and_then(|mut connection| connection.get("/readyz"));
        answer.is_ok_and(|(status, _)| status == 200)
    }

    /// A connection that is kept.
    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(&self.api, &self.token)
    }

    /// The rows of a statement.
    pub(crate) fn sql(&self, query: &str) -> Result<Vec<Value>> {
        let (status, body) =
            self.connect()?
                .post("/v1/sql", "application/json", &statement(query))?;
        let mut answer: Value = serde_json::from_slice(&body)?;
        match answer["rows"].take() {
            Value::Array(rows) if status == 200 => Ok(rows),
            _ => bail!("{query}: {answer}"),
        }
    }

    /// The one number that a statement gives.
    pub(crate) fn number(&self, query: &str) -> Result<u64> {
        let rows = self.sql(query)?;
        let number = rows.first().and_then(|row| row[0].as_u64());
        number.with_context(|| format!("{query} gave no number: {rows:?}"))
    }

    /// Waits until the log is in files and the files are as large as they get.
    pub(crate) fn settle(&self, table: &str) -> Result<()> {
        let mut before = (0, 0);
        for _ in 0..600 {
            let now = self.shape(table)?;
            if now == before && now.1 == 0 {
                return Ok(());
            }
            before = now;
            std::thread::sleep(Duration::from_secs(3));
        }
        bail!("{table} does not come to rest: {before:?} files and waiting rows")
    }

    /// Files of a table, and rows that are in none.
    fn shape(&self, table: &str) -> Result<(u64, u64)> {
        let table = self.table(table)?;
        let number = |field: &str| {
            table[field]
                .as_u64()
                .with_context(|| format!("{field} in {table}"))
        };
        Ok((number("files")?, number("hot_rows")?))
    }

    /// What the platform says of a table.
    pub(crate) fn table(&self, name: &str) -> Result<Value> {
        let (_, body) = self.connect()?.get(&format!("/v1/tables/{name}"))?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Stops it with the signal that a service manager sends.
    pub(crate) fn stop(mut self) -> Result<()> {
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

/// The body of a request for `query`.
pub(crate) fn statement(query: &str) -> Vec<u8> {
    json!({ "query": query, "limit": 100_000 })
        .to_string()
        .into_bytes()
}

/// An address that nothing listens on, another one each time. The system gives its port to no client, so that thousands of them cannot take
/// it from a server that is about to start.
pub(crate) fn free_address() -> Result<String> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    (0..4_000)
        .map(|_| 61_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 4_000)
        .map(|port| format!("127.0.0.1:{port}"))
        .find(|address| TcpListener::bind(address).is_ok())
        .context("no port is free")
}

/// An empty folder below the build's own, which lies on a real disk where a temporary folder may lie in memory.
pub(crate) fn folder(name: &str) -> Result<PathBuf> {
    let folder = root().join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Removes what the cases have left.
pub(crate) fn clear() -> Result<()> {
    if root().exists() {
        std::fs::remove_dir_all(root())?;
    }
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench")
}
