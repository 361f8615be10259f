//! The gateway's peers, each with the same routes to the same upstream: nginx with Lua, HAProxy, Envoy.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::platform::free_address;
use crate::process::Process;

/// The same program of a peer with one of its listeners for each way of checking.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    child: Child,
    pub(crate) raw: String,
    pub(crate) uncached: String,
    /// The listener with a cache of tokens, where the peer has one.
    pub(crate) cached: Option<String>,
}

impl Peer {
    /// Processor time of the program and its workers so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        Process(self.child.id()).cpu_with_children()
    }

    /// Resident memory of the program and its workers, in MiB.
    pub(crate) fn resident(&self) -> Result<u64> {
        Process(self.child.id()).resident_with_children()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // nginx ends its workers only where it is asked to.
        drop(
            Command::new("kill")
                .args(["-TERM", &self.child.id().to_string()])
                .status(),
        );
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(3) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

/// The server behind all of them: 13 bytes at `/small`, 64 KiB at `/large`.
pub(crate) fn upstream(folder: &Path) -> Result<Peer> {
    std::fs::create_dir_all(folder.join("files"))?;
    std::fs::create_dir_all(folder.join("temp"))?;
    let large: Vec<u8> = (0..65_536_u32).map(|place| (place % 251) as u8).collect();
    std::fs::write(folder.join("files/large"), large)?;
    let address = free_address()?;
    let config = include_str!("peers/upstream.conf").replace("{upstream}", &address);
    nginx("upstream", folder, "upstream.conf", &config, [&address; 3])
}

/// nginx, with Lua for what the free edition cannot do by itself.
pub(crate) fn nginx_with_lua(folder: &Path, upstream: &str) -> Result<Peer> {
    std::fs::write(folder.join("jwt.lua"), include_str!("peers/jwt.lua"))?;
    let (raw, uncached, cached) = (free_address()?, free_address()?, free_address()?);
    let config = include_str!("peers/nginx.conf")
        .replace("{upstream}", upstream)
        .replace("{raw}", &raw)
        .replace("{uncached}", &uncached)
        .replace("{cached}", &cached);
    nginx(
        "nginx",
        folder,
        "nginx.conf",
        &config,
        [&raw, &uncached, &cached],
    )
}

fn nginx(
    name: &'static str,
    folder: &Path,
    file: &str,
    config: &str,
    [raw, uncached, cached]: [&String; 3],
) -> Result<Peer> {
    std::fs::write(folder.join(file), config)?;
    let mut prefix = folder.as_os_str().to_owned();
    prefix.push("/");
    let mut command = Command::new("nginx");
    command.arg("-p").arg(prefix).args(["-c", file]);
    start(name, command, folder, raw, uncached, Some(cached))
}

/// HAProxy, which has no cache of tokens.
pub(crate) fn haproxy(folder: &Path, upstream: &str) -> Result<Peer> {
    let (raw, uncached) = (free_address()?, free_address()?);
    let config = include_str!("peers/haproxy.cfg")
        .replace("{upstream}", upstream)
        .replace("{raw}", &raw)
        .replace("{uncached}", &uncached);
    std::fs::write(folder.join("haproxy.cfg"), config)?;
    let mut command = Command::new("haproxy");
    command.args(["-f", "haproxy.cfg"]);
    start("haproxy", command, folder, &raw, &uncached, None)
}

/// Envoy, from the virtual environment of the benches; with `routes` more routes than the one that is used.
pub(crate) fn envoy(folder: &Path, upstream: &str, routes: usize) -> Result<Peer> {
    let program = std::env::var("TRUNKLINE_ENVOY")
        .context("TRUNKLINE_ENVOY must name the program: `make bench` sets it")?;
    let (raw, uncached, cached) = (free_address()?, free_address()?, free_address()?);
    let port = |address: &str| address.rsplit(':').next().unwrap_or_default().to_owned();
    let more: String = (0..routes)
        .map(|n| {
            format!("{{ match: {{ prefix: \"/service-{n}/\" }}, route: {{ cluster: behind }} }}, ")
        })
        .collect();
    let config = include_str!("peers/envoy.yaml")
        .replace("{upstream}", &port(upstream))
        .replace("{raw}", &port(&raw))
        .replace("{uncached}", &port(&uncached))
        .replace("{cached}", &port(&cached))
        .replacen("routes: [", &format!("routes: [{more}"), 1);
    std::fs::write(folder.join("envoy.yaml"), config)?;
    let mut command = Command::new(program);
    command.args(["-c", "envoy.yaml", "--concurrency", "2", "-l", "warn"]);
    command.arg("--disable-hot-restart");
    start("envoy", command, folder, &raw, &uncached, Some(&cached))
}

fn start(
    name: &'static str,
    mut command: Command,
    folder: &Path,
    raw: &str,
    uncached: &str,
    cached: Option<&String>,
) -> Result<Peer> {
    let said = std::fs::File::create(folder.join(format!("{name}.said")))?;
    let child = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(said.try_clone()?)
        .stderr(said)
        .spawn()
        .with_context(|| format!("start {name}"))?;
    let peer = Peer {
        name,
        child,
        raw: raw.to_owned(),
        uncached: uncached.to_owned(),
        cached: cached.cloned(),
    };
    let started = Instant::now();
    while TcpStream::connect(&peer.raw).is_err() {
        ensure!(
            started.elapsed() < Duration::from_secs(30),
            "{name} does not listen: {}",
            std::fs::read_to_string(folder.join(format!("{name}.said")))?
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(peer)
}
