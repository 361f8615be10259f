//! Programs written for AWS over HTTP, with boto3; commands with a real device; bridges to a real Mosquitto; simulated devices.

use std::collections::HashSet;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::listener::Listener;
use crate::platform::{Platform, done, free_port, python, script};

#[test]
fn boto3_takes_the_platform_for_aws() {
    let platform = Platform::start();
    let made = platform.post(
        "/v1/tokens",
        &json!({"name": "boto", "scopes": ["read", "write", "owner"]}),
    );
    let output = python()
        .arg(script("aws_boto3.py"))
        .arg(format!("{}/aws", platform.api))
        .args([&made["id"], &made["secret_access_key"]].map(|text| text.as_str().unwrap()))
        .output()
        .unwrap();
    assert!(done(&output).ends_with("all well\n"), "{output:?}");
    // The key ends with its token.
    let id = made["id"].as_str().unwrap();
    platform.curl(&["-X", "DELETE"], &format!("/v1/tokens/{id}"));
    let refused = python()
        .arg(script("aws_boto3.py"))
        .arg(format!("{}/aws", platform.api))
        .args([id, made["secret_access_key"].as_str().unwrap()])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("UnrecognizedClientException"), "{said}");
}

/// A thing of this name, and its secret.
fn thing(platform: &Platform, name: &str) -> String {
    let made = platform.post("/v1/things", &json!({"name": name, "kind": "pump"}));
    made["secret"].as_str().unwrap().to_owned()
}

#[test]
fn a_device_answers_a_command_in_time() {
    let platform = Platform::start();
    let secret = thing(&platform, "pump-7");
    let (host, port) = platform.mqtt.split_once(':').unwrap();
    let mut device = Command::new("stdbuf");
    device
        .args(["-oL", "mosquitto_sub"])
        .args(["-h", host, "-p", port, "-V", "mqttv5", "-i", "pump-7"])
        .args(["-u", "pump-7", "-P", &secret, "-q", "1"])
        .args(["-t", "cmd/pump-7/#", "-F", "%R %D %p"]);
    let device = Listener::start(device);
    platform.wait_for("select count(*) from things where connected", |count| {
        count == 1
    });
    let body = json!({"name": "reboot", "payload": {"delay": 5}, "deadline_seconds": 20});
    let sent = platform.post("/v1/things/pump-7/commands", &body);
    let id = sent["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{sent}"))
        .to_owned();
    let topic = format!("cmd/pump-7/reboot/res/{id}");
    let heard = loop {
        let line = device.line();
        if line.starts_with("cmd/") {
            break line;
        }
    };
    drop(device);
    assert!(heard.starts_with(&format!("{topic} {id} ")), "{heard}");
    assert!(heard.contains(r#"{"delay":5}"#), "{heard}");
    let answered = Command::new("mosquitto_pub")
        .args([
            "-h", host, "-p", port, "-i", "pump-7", "-u", "pump-7", "-P", &secret,
        ])
        .args([
            "-q",
            "1",
            "-t",
            &topic,
            "-m",
            r#"{"status":"succeeded","result":{"up":1}}"#,
        ])
        .output()
        .unwrap();
    done(&answered);
    let shown = until(|| {
        let (_, text) = platform.curl(&[], &format!("/v1/commands/{id}"));
        let shown: Value = serde_json::from_str(&text).unwrap();
        (shown["status"] == "succeeded").then_some(shown)
    });
    assert_eq!(shown["result"], json!({"up": 1}), "{shown}");
    // Nobody is there any more: the deadline passes.
    let body = json!({"name": "reboot", "deadline_seconds": 1, "wait_seconds": 10});
    let late = platform.post("/v1/things/pump-7/commands", &body);
    assert_eq!(late["status"], "timed_out", "{late}");
    // What hangs off what goes with its device.
    let relation = json!({"from": "thing:pump-7", "kind": "stands-in", "to": "place:cellar"});
    let put = [
        "-X",
        "PUT",
        "-H",
        "content-type: application/json",
        "-d",
        &relation.to_string(),
    ];
    let (status, text) = platform.curl(&put, "/v1/relations");
    assert!(status < 300, "{text}");
    platform.curl(&["-X", "DELETE"], "/v1/things/pump-7");
    until(|| {
        let (status, _) = platform.curl(&[], &format!("/v1/commands/{id}"));
        (status == 404).then_some(())
    });
}

/// Asks until there is an answer.
fn until<T>(ask: impl Fn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it did not come to pass within 30 seconds")
}

/// A Mosquitto that keeps what waits, in a folder.
struct Remote {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Remote {
    fn start() -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        // Where root starts it, it would become somebody who may not write here.
        let text = format!(
            "user root\nlistener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\n\
             max_queued_messages 0\n",
            folder.path().display()
        );
        std::fs::write(folder.path().join("mosquitto.conf"), text).unwrap();
        let child = Self::run(&folder);
        Self {
            child,
            port,
            folder,
        }
    }

    fn run(folder: &tempfile::TempDir) -> Child {
        Command::new("/usr/sbin/mosquitto")
            .arg("-c")
            .arg(folder.path().join("mosquitto.conf"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Makes it write down which sessions there are and what waits for them, which else it does only now and then.
    fn save(&self) {
        let file = self.folder.path().join("mosquitto.db");
        drop(std::fs::remove_file(&file));
        let process = self.child.id().to_string();
        let asked = Command::new("kill").args(["-USR1", &process]).status();
        assert!(asked.unwrap().success());
        until(|| file.exists().then_some(()));
    }

    fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn start_again(&mut self) {
        self.child = Self::run(&self.folder);
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_bridge_loses_nothing_while_the_other_broker_is_away() {
    let platform = Platform::start();
    let mut remote = Remote::start();
    let file = format!(
        "server = \"mqtt://127.0.0.1:{}\"\nversion = 5\nclient_id = \"site-7\"\n\n[[out]]\nfilter = \"dt/#\"\nremote_prefix = \"site-7/\"\n\n\
         [[in]]\nfilter = \"orders/#\"\nremote_prefix = \"all/\"\n",
        remote.port
    );
    let folder = platform.data_dir().join("workspace/bridge");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("hall.toml"), file).unwrap();
    let connected = || {
        let (_, text) = platform.curl(&[], "/v1/bridges");
        let all: Value = serde_json::from_str(&text).unwrap();
        let bridge = &all["bridges"][0];
        (bridge["local"]["connected"] == true && bridge["remote"]["connected"] == true)
            .then_some(())
    };
    until(connected);
    let port = remote.port.to_string();
    let mut far = Command::new("stdbuf");
    far.args(["-oL", "mosquitto_sub"])
        .args(["-h", "127.0.0.1", "-p", &port, "-i", "far", "-c", "-q", "1"])
        .args(["-t", "site-7/#", "-F", "%t %p"]);
    let far = Listener::start(far);
    let secret = thing(&platform, "pump-7");
    let (host, mqtt) = platform.mqtt.split_once(':').unwrap();
    let publish = |from: usize, to: usize| {
        let lines: String = (from..to).map(|n| format!("{n}\n")).collect();
        let mut publisher = Command::new("mosquitto_pub")
            .args([
                "-h", host, "-p", mqtt, "-i", "pump-7", "-u", "pump-7", "-P", &secret,
            ])
            .args(["-q", "1", "-t", "dt/pump-7/n", "-l"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut publisher.stdin.take().unwrap(), lines.as_bytes()).unwrap();
        assert!(publisher.wait().unwrap().success());
    };
    publish(0, 20);
    until(|| {
        let (_, text) = platform.curl(&[], "/v1/bridges");
        let all: Value = serde_json::from_str(&text).unwrap();
        (all["bridges"][0]["out"]["forwarded"].as_u64() >= Some(20)).then_some(())
    });
    remote.save();
    remote.stop();
    publish(20, 40);
    remote.start_again();
    until(connected);
    publish(40, 60);
    // Some may come twice.
    let mut numbers = HashSet::new();
    while numbers.len() < 60 {
        let (topic, number) = far.message();
        assert_eq!(topic, "site-7/dt/pump-7/n");
        numbers.insert(number.as_u64().unwrap());
    }
    assert_eq!(numbers, (0..60).collect());
    let inward = Command::new("mosquitto_pub")
        .args([
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-q",
            "1",
            "-t",
            "all/orders/1",
            "-m",
            "{\"n\": 7}",
        ])
        .output()
        .unwrap();
    done(&inward);
    platform.wait_for(
        "select count(*) from messages where topic = 'orders/1'",
        |count| count == 1,
    );
}

#[test]
fn simulated_devices_live_at_the_real_broker() {
    let platform = Platform::start();
    let broker = format!("mqtt://{}", platform.mqtt);
    let arguments = [
        "fleet", "simulate", "--kind", "pump", "--count", "5", "--broker", &broker, "--for", "4s",
        "--speed", "20", "--output", "json",
    ];
    let totals: Value = serde_json::from_str(&done(&platform.trunkline(&arguments))).unwrap();
    assert_eq!(
        (&totals["devices"], &totals["refused"]),
        (&json!(5), &json!(0)),
        "{totals}"
    );
    assert!(totals["acknowledged"].as_u64() > Some(20), "{totals}");
    platform.wait_for(
        "select count(*) from shadows where kind = 'pump' and reported->>'state' = 'running'",
        |count| count == 5,
    );
    let what_if = [
        "fleet",
        "what-if",
        "--kind",
        "pump",
        "--set",
        "desired.speed=2900",
        "--for",
        "2h",
        "--output",
        "json",
    ];
    let outcome: Value = serde_json::from_str(&done(&platform.trunkline(&what_if))).unwrap();
    let ends = outcome["ends"].as_array().unwrap();
    assert!(!ends.is_empty(), "{outcome}");
    // Nothing of it was real.
    let fast = "select count(*) from shadows where reported->>'speed' = '2900'";
    assert_eq!(platform.number(fast), 0);
}
