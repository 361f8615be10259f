//! Services of a trunk: released by a landing, judged by their requests, taken back, and kept over the death of the platform.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::forge::{Checkout, until};
use crate::platform::{Platform, done, free_port};

/// A service in Perl, which every Debian has. Of a hundred answers `BAD` are 500.
const SERVER: &str = r#"use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 128, ReuseAddr => 1) or die "no port: $!";
$| = 1;
print "release VERSION listens\n";
my $count = 0;
while (my $client = $server->accept) {
    my $line = <$client> // next;
    while (my $head = <$client>) { last if $head =~ /^\r?\n$/ }
    my $status = $line =~ m{healthz} || $count++ % 100 >= BAD ? '200 OK' : '500 Internal Server Error';
    my $body = "VERSION $$\n";
    print $client "HTTP/1.1 $status\r\nContent-Length: ${\length $body}\r\nConnection: close\r\n\r\n$body";
    close $client;
}
"#;

const MANIFEST: &str = r#"name = "hello"
owner = "@web"
[run]
cmd = "exec perl server.pl"
[health]
path = "/healthz"
within = "5s"
[route]
path = "/hello"
strip = true
auth = ["none"]
[deploy]
steps = ["20% 2s", "50% 2s"]
bake = "2s"
requests = 10
"#;

/// What is left running where a test fails ends soon.
const SETTINGS: &[(&str, &str)] = &[("TRUNKLINE__RUN__OUTLIVE_SECONDS", "10")];

fn server(version: &str, bad: u32) -> String {
    SERVER
        .replace("VERSION", version)
        .replace("BAD", &bad.to_string())
}

/// One answer of the gateway: the status and the body.
fn ask(gateway: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(gateway.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(b"GET /hello/x HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.get(9..12).and_then(|code| code.parse().ok());
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    Ok((status.unwrap_or(0), body.trim().to_owned()))
}

/// Asks the gateway about a hundred times a second until it is dropped.
struct Load {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<BTreeMap<String, u64>>>,
}

impl Load {
    fn start(platform: &Platform) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (gateway, stopped) = (platform.gateway.clone(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut seen = BTreeMap::new();
            while !stopped.load(Ordering::Relaxed) {
                let what = match ask(&gateway) {
                    Ok((200, body)) => body
                        .split_whitespace()
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    Ok((status, _)) => status.to_string(),
                    Err(_) => "lost".to_owned(),
                };
                *seen.entry(what).or_default() += 1;
                std::thread::sleep(Duration::from_millis(8));
            }
            seen
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }

    /// What was answered, how often.
    fn end(mut self) -> BTreeMap<String, u64> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }
}

fn service(platform: &Platform) -> Value {
    let (status, text) = platform.curl(&[], "/v1/services/hello");
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Waits until release `number` serves and nothing is on its way.
fn settled(platform: &Platform, number: i64) {
    let begun = Instant::now();
    loop {
        let (_, text) = platform.curl(&[], "/v1/services/hello");
        let seen: Value = serde_json::from_str(&text).unwrap();
        if seen["serving"]["number"] == number
            && seen["deployment"].is_null()
            && seen["health"] == "serving"
        {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{seen:#}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// How deployments of a release ended.
fn ended(platform: &Platform, number: i64, state: &str) -> Value {
    let sql = format!(
        "select reason, evidence, kind from deployments where number = {number} and state = '{state}'"
    );
    until(platform, &sql, |rows| !rows.is_empty())[0].clone()
}

fn begun(platform: &Platform, folder: &std::path::Path) -> Checkout {
    let checkout = Checkout::new(platform, &folder.join("work"));
    let files = [
        ("hello/service.toml", MANIFEST),
        ("hello/server.pl", &server("v1", 0)),
    ];
    checkout.commit("begin", &files);
    checkout.run(&["push", "-q", "trunk", "HEAD:trunk"]);
    settled(platform, 1);
    checkout
}

fn land(checkout: &Checkout, message: &str, files: &[(&str, &str)]) {
    checkout.next_second();
    checkout.commit(message, files);
    checkout.run(&["push", "-q", "trunk", "HEAD:refs/for/trunk"]);
}

#[test]
fn a_good_release_goes_step_by_step_and_a_bad_one_takes_itself_back() {
    let platform = Platform::with(SETTINGS);
    let folder = tempfile::tempdir().unwrap();
    let checkout = begun(&platform, folder.path());
    let load = Load::start(&platform);
    land(
        &checkout,
        "better",
        &[("hello/server.pl", &server("v2", 0))],
    );
    settled(&platform, 2);
    let states = platform.sql("select state from deployments where number = 2 order by time");
    let states: Vec<_> = states.iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(
        states,
        [
            "queued", "fetching", "starting", "canary", "canary", "baking", "settled"
        ]
    );

    land(
        &checkout,
        "worse",
        &[("hello/server.pl", &server("v3", 40))],
    );
    let row = ended(&platform, 3, "rolled_back");
    assert!(
        row["reason"]
            .as_str()
            .unwrap()
            .contains("does worse by the rule `errors`"),
        "{row}"
    );
    let evidence = row["evidence"].to_string();
    assert!(
        evidence.contains("needed") && evidence.contains("errors"),
        "{row}"
    );
    settled(&platform, 2);
    let seen = load.end();
    assert!(
        seen["v1"] > 0 && seen["v2"] > 0 && seen["500"] > 0,
        "{seen:?}"
    );
    assert!(
        !seen.contains_key("lost") && !seen.contains_key("502"),
        "{seen:?}"
    );

    // A change elsewhere in the trunk makes no release.
    land(&checkout, "notes", &[("README.md", "hello\n")]);
    let text = done(&platform.trunkline(&["service", "releases", "hello", "--output", "jsonl"]));
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(done(&platform.trunkline(&["service", "log", "hello"])).contains("release v2 listens"));
    drop(platform.stop());
}

#[test]
fn back_again_is_one_word_and_so_is_its_undoing() {
    let platform = Platform::with(SETTINGS);
    let folder = tempfile::tempdir().unwrap();
    let checkout = begun(&platform, folder.path());
    assert!(!platform.trunkline(&["rollback", "hello"]).status.success());
    let load = Load::start(&platform);
    land(
        &checkout,
        "another",
        &[("hello/server.pl", &server("v2", 0))],
    );
    settled(&platform, 2);
    let explained =
        done(&platform.trunkline(&["rollback", "hello", "--explain", "--output", "json"]));
    let explained: Value = serde_json::from_str(&explained).unwrap();
    assert_eq!(
        (&explained["to"]["number"], &explained["ready"]),
        (&json!(1), &json!(true))
    );
    done(&platform.trunkline(&["rollback", "hello", "--reason", "prices are wrong"]));
    // What the command waited for is so.
    assert!(ask(&platform.gateway).unwrap().1.starts_with("v1"));
    settled(&platform, 1);
    done(&platform.trunkline(&["service", "promote", "hello"]));
    assert!(ask(&platform.gateway).unwrap().1.starts_with("v2"));
    let seen = load.end();
    assert!(seen.keys().all(|what| what.starts_with('v')), "{seen:?}");
    let row = ended(&platform, 1, "settled");
    assert!(row["reason"].is_string());
    let kinds = "select kind, reason from deployments where state = 'settled' order by time";
    let kinds = until(&platform, kinds, |rows| rows.len() == 4);
    assert_eq!(
        kinds[2],
        json!({"kind": "rollback", "reason": "prices are wrong"})
    );
    assert_eq!(kinds[3]["kind"], "promotion");

    // What takes data away is not gone back past without a word.
    let contract = format!("{MANIFEST}[rollback]\ndata = \"contract\"\n");
    land(
        &checkout,
        "drop a column",
        &[("hello/service.toml", &contract)],
    );
    let begun = Instant::now();
    while service(&platform)["deployment"]["state"] != "canary" {
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    done(&platform.trunkline(&["service", "hold", "hello", "--reason", "lunch"]));
    let refused = platform.trunkline(&["rollback", "hello", "--to", "1"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("TL-RUN-005"));
    done(&platform.trunkline(&["rollback", "hello", "--to", "1", "--force"]));
    settled(&platform, 1);
    drop(platform.stop());
}

#[test]
fn one_that_does_not_stay_up_gets_no_request_and_says_why() {
    let platform = Platform::with(SETTINGS);
    let folder = tempfile::tempdir().unwrap();
    let checkout = begun(&platform, folder.path());
    let load = Load::start(&platform);
    let broken = "print STDERR \"the database is not there\\n\"; exit 3;\n";
    land(&checkout, "broken", &[("hello/server.pl", broken)]);
    let reason = ended(&platform, 2, "failed")["reason"].to_string();
    assert!(
        reason.contains("it ended with 3") && reason.contains("the database is not there"),
        "{reason}"
    );
    land(
        &checkout,
        "over at once",
        &[("hello/server.pl", "exit 0;\n")],
    );
    assert!(
        ended(&platform, 3, "failed")["reason"]
            .to_string()
            .contains("it ended with 0")
    );
    land(&checkout, "deaf", &[("hello/server.pl", "sleep 600;\n")]);
    let reason = ended(&platform, 4, "failed")["reason"].to_string();
    assert!(reason.contains("not well"), "{reason}");
    // It says yes until it gets requests.
    let lying = server("v5", 100);
    land(&checkout, "lying", &[("hello/server.pl", &lying)]);
    ended(&platform, 5, "rolled_back");
    settled(&platform, 1);
    let seen = load.end();
    assert!(
        seen.keys().all(|what| what == "v1" || what == "500"),
        "{seen:?}"
    );
    drop(platform.stop());
}

#[test]
fn services_outlive_a_platform_that_is_killed_and_nobody_is_turned_away() {
    let listen = format!("127.0.0.1:{}", free_port());
    let settings = [SETTINGS, &[("TRUNKLINE__GATEWAY__LISTEN", &listen)]].concat();
    let mut platform = Platform::with(&settings);
    let folder = tempfile::tempdir().unwrap();
    let checkout = begun(&platform, folder.path());
    let load = Load::start(&platform);
    let process = |answer: (u16, String)| answer.1.split_whitespace().nth(1).unwrap().to_owned();
    let before = process(ask(&platform.gateway).unwrap());
    land(
        &checkout,
        "another",
        &[("hello/server.pl", &server("v2", 0))],
    );
    let begun = Instant::now();
    while service(&platform)["deployment"]["state"] != "canary" {
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    platform = platform.kill_and_restart();
    let instances = service(&platform)["instances"].as_array().unwrap().len();
    assert_eq!(instances, 2);
    settled(&platform, 2);
    let seen = load.end();
    // The one that was under way at that moment.
    assert!(seen.get("lost").is_none_or(|lost| *lost <= 1), "{seen:?}");
    let others = seen.keys().filter(|what| !what.starts_with('v'));
    assert!(
        others.eq(["lost"].iter().filter(|_| seen.contains_key("lost"))),
        "{seen:?}"
    );
    done(&platform.trunkline(&["rollback", "hello"]));
    assert_eq!(process(ask(&platform.gateway).unwrap()), before);
    let log: PathBuf = platform.data_dir().join("run/keeper.log");
    assert_eq!(std::fs::read_to_string(log).unwrap(), "");
    // Stopped in peace it takes them along.
    let data = platform.stop();
    let begun = Instant::now();
    while data.path().join("data/run/keeper.sock").exists() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(20));
    }
}
