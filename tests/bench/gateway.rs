//! The gateway beside nginx with Lua, HAProxy and Envoy: processor time for each request, in turn, with the same upstream.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::http::Connection;
use crate::peers::{self, Peer};
use crate::platform::{Platform, folder, free_address};
use crate::report::{Report, Section, Target};

/// Rounds in which every server has its turn; the median of them counts.
const ROUNDS: usize = 3;
/// Seconds of one turn.
const TURN: u64 = 3;
/// Routes and idle connections of the memory case.
const ROUTES: usize = 10_000;
const IDLE: usize = 1_000;

/// One way to be asked: the server, the way's name, the address, the path, and the token where one is shown.
struct Way<'a> {
    name: String,
    server: &'a dyn Fn() -> Result<Duration>,
    url: String,
    token: Option<&'a str>,
}

/// What a turn gave.
struct Turn {
    micros: f64,
    per_second: f64,
}

/// Everything about the gateway.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let folder = folder("gateway")?;
    let python = std::env::var("TRUNKLINE_PYTHON").context("TRUNKLINE_PYTHON is not set")?;
    let made = Command::new(python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/bench/peers/make_token.py"
        ))
        .arg(&folder)
        .status()?;
    ensure!(made.success(), "no token was made");
    let token = std::fs::read_to_string(folder.join("token"))?;
    let upstream = peers::upstream(&folder)?;
    std::fs::copy(folder.join("public.jwks"), folder.join("files/public.jwks"))?;
    requests(report, &folder, &upstream, &token)?;
    memory(report, &folder, &upstream)?;
    changes(report, &folder, &upstream)
}

/// The platform with its gateway at the second address, which remembers so many verified tokens.
fn gateway(
    folder: &Path,
    name: &str,
    (upstream, routes): (&Peer, &str),
    remembered: u32,
) -> Result<(Platform, String)> {
    let workspace = folder.join(format!("{name}-workspace"));
    std::fs::create_dir_all(workspace.join("gateway"))?;
    std::fs::write(workspace.join("gateway/bench.toml"), routes)?;
    let address = free_address()?;
    let workspace = workspace.to_string_lossy().into_owned();
    let data = folder.join(name);
    std::fs::create_dir_all(&data)?;
    let config = include_str!("peers/trunkline.toml")
        .replace("{upstream}", &upstream.raw)
        .replace("{remembered}", &remembered.to_string());
    std::fs::write(data.join("trunkline.toml"), config)?;
    let platform = Platform::start(
        &data,
        &[
            ("TRUNKLINE__GATEWAY__LISTEN", &address),
            ("TRUNKLINE__WORKSPACE__FOLDER", &workspace),
        ],
    )?;
    Ok((platform, address))
}

fn routes(upstream: &Peer) -> String {
    include_str!("peers/routes.toml").replace("{upstream}", &upstream.raw)
}

fn requests(report: &mut Report, folder: &Path, upstream: &Peer, token: &str) -> Result<()> {
    let nginx = peers::nginx_with_lua(folder, &upstream.raw)?;
    let haproxy = peers::haproxy(folder, &upstream.raw)?;
    let envoy = peers::envoy(folder, &upstream.raw, 0)?;
    let routes = routes(upstream);
    let (platform, address) = gateway(folder, "requests", (upstream, &routes), 65_536)?;
    let (forgetful, uncached) = gateway(folder, "forgetful", (upstream, &routes), 0)?;
    let own = || platform.process.cpu();
    let own_uncached = || forgetful.process.cpu();
    let (of_nginx, of_haproxy, of_envoy) = (|| nginx.cpu(), || haproxy.cpu(), || envoy.cpu());
    let mut ways = Vec::new();
    for size in ["small", "large"] {
        let mut add = |name: &str, server, base: &str, prefix: &str, token| {
            ways.push(Way {
                name: format!("{name} {size}"),
                server,
                url: format!("http://{base}{prefix}/{size}"),
                token,
            });
        };
        add("raw", &own as &dyn Fn() -> _, &address, "/raw", None);
        add("nginx raw", &of_nginx, &nginx.raw, "", None);
        add("haproxy raw", &of_haproxy, &haproxy.raw, "", None);
        add("envoy raw", &of_envoy, &envoy.raw, "", None);
        add("cached", &own, &address, "/checked", Some(token));
        add(
            "uncached",
            &own_uncached,
            &uncached,
            "/checked",
            Some(token),
        );
        for (peer, server) in [
            (&nginx, &of_nginx as &dyn Fn() -> _),
            (&haproxy, &of_haproxy),
            (&envoy, &of_envoy),
        ] {
            add(
                &format!("{} uncached", peer.name),
                server,
                &peer.uncached,
                "",
                Some(token),
            );
            if let Some(cached) = &peer.cached {
                add(
                    &format!("{} cached", peer.name),
                    server,
                    cached,
                    "",
                    Some(token),
                );
            }
        }
    }
    let turns = in_turn(&ways)?;
    let section = report.section(
        "Gateway",
        "Processor time of the proxy for each request, wrk with 64 connections, the median of three rounds in turn. \
         Small is 13 bytes, large 64 KiB. A token is RS256 with 2,048 bits; with it goes a rate limit, and a record of each request: a row here, \
         a line of JSON in a file of nginx and Envoy, nothing of HAProxy.",
    );
    figures(section, &ways, &turns);
    ratios(section, &turns)
}

fn in_turn(ways: &[Way<'_>]) -> Result<BTreeMap<String, Turn>> {
    let mut turns: BTreeMap<String, Vec<Turn>> = BTreeMap::new();
    for round in 0..=ROUNDS {
        for way in ways {
            // The first round only warms up.
            let turn = turn(way, if round == 0 { 1 } else { TURN })?;
            if round > 0 {
                turns.entry(way.name.clone()).or_default().push(turn);
            }
        }
    }
    Ok(turns
        .into_iter()
        .filter_map(|(name, mut turns)| {
            turns.sort_by(|one, other| one.micros.total_cmp(&other.micros));
            let median = turns.len() / 2;
            turns.into_iter().nth(median).map(|turn| (name, turn))
        })
        .collect())
}

fn turn(way: &Way<'_>, seconds: u64) -> Result<Turn> {
    let before = (way.server)()?;
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c64", &format!("-d{seconds}s"), &way.url]);
    if let Some(token) = way.token {
        command.args(["-H", &format!("authorization: Bearer {token}")]);
    }
    let answer = command.output().context("start wrk")?;
    let text = String::from_utf8_lossy(&answer.stdout);
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        let mut once = Command::new("curl");
        once.args(["-sS", "-i", &way.url]);
        if let Some(token) = way.token {
            once.args(["-H", &format!("authorization: Bearer {token}")]);
        }
        let once = once.output()?;
        let once = String::from_utf8_lossy(&once.stdout);
        bail!("{} at {}: {text}\nonce: {once}", way.name, way.url);
    }
    let requests = number(&text, "requests in").with_context(|| format!("{}: {text}", way.name))?;
    let spent = (way.server)()?.saturating_sub(before);
    Ok(Turn {
        micros: spent.as_secs_f64() * 1e6 / requests,
        per_second: requests / seconds as f64,
    })
}

/// The number before `words` in what wrk says.
fn number(text: &str, words: &str) -> Option<f64> {
    let (before, _) = text.split_once(words)?;
    before.split_whitespace().last()?.parse().ok()
}

fn figures(section: &mut Section, ways: &[Way<'_>], turns: &BTreeMap<String, Turn>) {
    for way in ways {
        if let Some(turn) = turns.get(&way.name) {
            section.figure(&format!("{}, µs", way.name), turn.micros);
            section.figure(&format!("{}, requests/s", way.name), turn.per_second);
        }
    }
}

fn ratios(section: &mut Section, turns: &BTreeMap<String, Turn>) -> Result<()> {
    for (ours, theirs, target) in [
        ("raw small", "nginx raw small", 1.2),
        ("raw large", "nginx raw large", 1.15),
        ("cached small", "nginx cached small", 0.5),
        ("cached small", "envoy cached small", 0.55),
        ("uncached small", "haproxy uncached small", 1.0),
    ] {
        let of = |name: &str| {
            let turn = turns.get(name);
            turn.map(|turn| turn.micros)
                .with_context(|| format!("no turn of {name}"))
        };
        section.at_most(
            &format!("{ours} / {theirs}"),
            of(ours)? / of(theirs)?,
            Target(target),
        );
    }
    Ok(())
}

/// Many routes and many idle connections, here and in Envoy.
fn memory(report: &mut Report, folder: &Path, upstream: &Peer) -> Result<()> {
    let few = routes(upstream);
    let mut text = few.clone();
    for n in 0..ROUTES {
        text.push_str(&format!(
            "\n[[route]]\nname = \"service-{n}\"\npath = \"/service-{n}/\"\nupstream = \"behind\"\nauth = [\"none\"]\n"
        ));
    }
    let (platform, address) = gateway(folder, "memory-before", (upstream, &few), 65_536)?;
    std::thread::sleep(Duration::from_secs(5));
    let idle = platform.process.resident()?;
    drop((platform, address));
    let (platform, address) = gateway(folder, "memory", (upstream, &text), 65_536)?;
    let envoy = peers::envoy(folder, &upstream.raw, ROUTES)?;
    let ours = hold(&address, "/raw/small", || platform.process.resident())?;
    let theirs = hold(&envoy.raw, "/small", || envoy.resident())?;
    let section = report.section(
        "Gateway with 10,000 routes and 1,000 idle connections",
        "Resident memory. The platform's is that of the whole process; what it takes more than one with two routes and no connection is the gateway's.",
    );
    section.figure("the whole platform, MiB", ours as f64);
    section.figure("Envoy, MiB", theirs as f64);
    section.at_most(
        "the gateway's part, MiB",
        ours.saturating_sub(idle) as f64,
        Target(theirs as f64),
    );
    Ok(())
}

fn hold(address: &str, path: &str, resident: impl Fn() -> Result<u64>) -> Result<u64> {
    let mut connections = Vec::new();
    for _ in 0..IDLE {
        let mut connection = TcpStream::connect(address)?;
        connection
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes())?;
        let mut answer = [0; 1024];
        let read = connection.read(&mut answer)?;
        ensure!(
            answer[..read].starts_with(b"HTTP/1.1 200"),
            "{address}{path}: {}",
            String::from_utf8_lossy(&answer[..read])
        );
        connections.push(connection);
    }
    std::thread::sleep(Duration::from_secs(2));
    resident()
}

/// Weights and files that change a hundred times while requests come.
fn changes(report: &mut Report, folder: &Path, upstream: &Peer) -> Result<()> {
    let (platform, address) = gateway(folder, "changes", (upstream, &routes(upstream)), 65_536)?;
    let url = format!("http://{address}/raw/small");
    let load = std::thread::spawn(move || {
        Command::new("wrk")
            .args(["-t1", "-c32", "-d40s", &url])
            .output()
    });
    let mut connection = platform.connect()?;
    let target = format!("http://{}", upstream.raw);
    let mut took = Vec::new();
    for n in 0..100 {
        let body = serde_json::json!({"weights": {&target: 1 + n % 7}}).to_string();
        let began = Instant::now();
        let (status, answer) = connection.put(
            "/v1/gateway/upstreams/behind/weights",
            "application/json",
            body.as_bytes(),
        )?;
        ensure!(
            status == 204,
            "{status}: {}",
            String::from_utf8_lossy(&answer)
        );
        took.push(began.elapsed());
        std::thread::sleep(Duration::from_millis(180));
    }
    took.sort();
    let mut live = file_changes(folder, &address, &routes(upstream))?;
    live.sort();
    let load = load.join().expect("the load does not panic")?;
    let text = String::from_utf8_lossy(&load.stdout).into_owned();
    let failed = ["Non-2xx", "Socket errors"]
        .iter()
        .filter(|words| text.contains(**words))
        .count();
    let section = report.section(
        "Gateway while weights change",
        "A hundred changes of weights through the API and a hundred of a route file, while wrk asks with 32 connections for 40 s.",
    );
    section.figure(
        "requests",
        number(&text, "requests in").context("wrk's count")?,
    );
    section.at_most("kinds of failures", failed as f64, Target(0.0));
    section.at_most(
        "99th percentile of a change, ms, answered when it is live",
        took[98].as_secs_f64() * 1e3,
        Target(10.0),
    );
    section.figure(
        "half of the file changes, ms until a request meets it",
        live[49].as_secs_f64() * 1e3,
    );
    section.at_most(
        "99th percentile of a file's change, ms until a request meets it",
        live[98].as_secs_f64() * 1e3,
        Target(10.0),
    );
    Ok(())
}

/// How long it takes, a hundred times, until a route that a file got is found.
fn file_changes(folder: &Path, address: &str, routes: &str) -> Result<Vec<Duration>> {
    let file = folder.join("changes-workspace/gateway/bench.toml");
    let mut connection = Connection::open(address, "")?;
    (0..100)
        .map(|n| {
            let text = format!(
                "{routes}\n[[route]]\nname = \"change\"\npath = \"=/change-{n}\"\nrewrite = \"/small\"\nupstream = \"behind\"\nauth = [\"none\"]\n"
            );
            let beside = file.with_extension("new");
            std::fs::write(&beside, text)?;
            let began = Instant::now();
            std::fs::rename(&beside, &file)?;
            let path = format!("/change-{n}");
            while connection.get(&path)?.0 != 200 {
                ensure!(began.elapsed() < Duration::from_secs(5), "{path} is not found");
            }
            let took = began.elapsed();
            std::thread::sleep(Duration::from_millis(100));
            Ok(took)
        })
        .collect()
}
