//! Devices over MQTT: their messages, their rights and their twins, with mosquitto's and paho's clients.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::listener::Listener;
use crate::platform::{Platform, done, python, script};

/// A device with its secret.
struct Device {
    name: &'static str,
    secret: String,
}

impl Device {
    fn new(platform: &Platform, name: &'static str) -> Self {
        let made = platform.post("/v1/things", &json!({"name": name, "kind": "pump"}));
        Self {
            name,
            secret: made["secret"].as_str().unwrap().to_owned(),
        }
    }

    /// A client of mosquitto with this device's name and secret.
    fn client(&self, program: &str, platform: &Platform, more: &[&str]) -> Command {
        let (host, port) = platform.mqtt.split_once(':').unwrap();
        // Line by line, although nobody sits at a terminal.
        let mut command = Command::new("stdbuf");
        command
            .args(["-oL", program])
            .args(["-h", host, "-p", port, "-V", "mqttv5"])
            .args(["-i", self.name, "-u", self.name, "-P", &self.secret])
            .args(more);
        command
    }

    fn publish(&self, platform: &Platform, topic: &str, payload: &str) -> Output {
        self.client(
            "mosquitto_pub",
            platform,
            &["-q", "1", "-t", topic, "-m", payload],
        )
        .output()
        .unwrap()
    }
}

#[test]
fn what_a_device_publishes_is_a_row_and_nobody_else_publishes_for_it() {
    let platform = Platform::start();
    let (pump, other) = (
        Device::new(&platform, "pump-7"),
        Device::new(&platform, "pump-8"),
    );
    for n in 0..20 {
        done(&pump.publish(&platform, "dt/pump-7/reading", &format!("{{\"temp\":{n}}}")));
    }
    platform.wait_for(
        "select count(*) from messages where topic = 'dt/pump-7/reading' and thing = 'pump-7' and encoding = 'text'",
        |count| count == 20,
    );
    let sum = platform.number("select sum(json_get_int(payload, 'temp')) from messages");
    assert_eq!(sum, 190);
    // Bytes that are no text are kept whole.
    let mut raw = pump
        .client(
            "mosquitto_pub",
            &platform,
            &["-q", "2", "-t", "dt/pump-7/raw", "-s"],
        )
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    raw.stdin.take().unwrap().write_all(b"\x00\xff").unwrap();
    assert!(raw.wait().unwrap().success());
    platform.wait_for(
        "select count(*) from messages where payload = 'AP8=' and encoding = 'base64' and bytes = 2 and qos = 2",
        |count| count == 1,
    );
    let foreign = pump.publish(&platform, "dt/pump-8/reading", "1");
    let said = String::from_utf8_lossy(&foreign.stderr).into_owned();
    assert!(said.contains("Not authorized"), "{said}");
    platform.wait_for(
        "select count(*) from events where type = 'trunkline.fleet.topic.denied.v1' and subject = 'pump-7'",
        |count| count == 1,
    );
    let mut thief = Command::new("mosquitto_pub");
    let (host, port) = platform.mqtt.split_once(':').unwrap();
    thief
        .args([
            "-h",
            host,
            "-p",
            port,
            "-i",
            "pump-7",
            "-u",
            "pump-7",
            "-P",
            &other.secret,
        ])
        .args(["-t", "dt/pump-7/reading", "-m", "1"]);
    assert!(!thief.output().unwrap().status.success());
    let mut nobody = Command::new("mosquitto_pub");
    nobody.args(["-h", host, "-p", port, "-t", "dt/pump-7/reading", "-m", "1"]);
    assert!(!nobody.output().unwrap().status.success());
    platform.wait_for(
        "select count(*) from events where type = 'trunkline.fleet.client.refused.v1' and data->>'reason' = 'credentials'",
        |count| count >= 1,
    );
    assert_eq!(platform.number("select count(*) from messages"), 21);
}

#[test]
fn a_twin_is_changed_from_both_sides_and_every_version_is_a_row() {
    let platform = Platform::start();
    let pump = Device::new(&platform, "pump-7");
    let listener = Listener::start(pump.client(
        "mosquitto_sub",
        &platform,
        &[
            "-i",
            "pump-7:ear",
            "-v",
            "-q",
            "1",
            "-t",
            "$aws/things/pump-7/shadow/update/+",
            "-t",
            "$aws/things/pump-7/shadow/get/+",
        ],
    ));
    // Somebody wants something of the device over HTTP, and it hears of it over MQTT.
    let accepted = platform.post(
        "/v1/things/pump-7/twin",
        &json!({"state": {"desired": {"interval": 10}}, "clientToken": "http"}),
    );
    assert_eq!(
        (&accepted["version"], &accepted["clientToken"]),
        (&json!(1), &json!("http"))
    );
    let topics: Vec<_> = (0..3).map(|_| listener.message()).collect();
    let of = |name: &str| {
        let topic = format!("$aws/things/pump-7/shadow/update/{name}");
        let found = topics.iter().find(|(known, _)| *known == topic);
        found.map(|(_, payload)| payload.clone()).unwrap()
    };
    assert_eq!(of("delta")["state"], json!({"interval": 10}));
    assert_eq!(of("documents")["current"]["version"], 1);
    assert_eq!(of("accepted"), accepted);
    // The device obeys.
    done(&pump.publish(
        &platform,
        "$aws/things/pump-7/shadow/update",
        r#"{"state":{"reported":{"interval":10}},"clientToken":"d"}"#,
    ));
    let (topic, payload) = listener.message();
    assert_eq!(topic, "$aws/things/pump-7/shadow/update/accepted");
    assert_eq!(
        (&payload["version"], &payload["clientToken"]),
        (&json!(2), &json!("d"))
    );
    listener.message();
    // What is refused is told to who asked.
    done(&pump.publish(
        &platform,
        "$aws/things/pump-7/shadow/update",
        r#"{"state":{"desired":{"a":1}},"version":1}"#,
    ));
    let (topic, payload) = listener.message();
    assert_eq!(topic, "$aws/things/pump-7/shadow/update/rejected");
    assert_eq!(
        (&payload["code"], &payload["message"]),
        (&json!(409), &json!("Version conflict"))
    );
    done(&pump.publish(&platform, "$aws/things/pump-7/shadow/get", ""));
    let (topic, payload) = listener.message();
    assert_eq!(topic, "$aws/things/pump-7/shadow/get/accepted");
    assert_eq!(
        payload["state"],
        json!({"desired": {"interval": 10}, "reported": {"interval": 10}})
    );
    platform.wait_for(
        "select count(*) from twins where thing = 'pump-7'",
        |count| count == 2,
    );
    let rows = platform.sql(
        "select version, json_get_int(reported, 'interval') from twins where thing = 'pump-7' order by version",
    );
    assert_eq!(
        rows,
        [vec![json!(1), Value::Null], vec![json!(2), json!(10)]]
    );
}

#[test]
fn mosquitto_rr_asks_for_a_twin_and_has_its_answer() {
    let platform = Platform::start();
    let pump = Device::new(&platform, "pump-7");
    platform.post(
        "/v1/things/pump-7/twin",
        &json!({"state": {"desired": {"interval": 10}}}),
    );
    let topic = "$aws/things/pump-7/shadow/get";
    let accepted = format!("{topic}/accepted");
    let ask = [
        "-i",
        "pump-7:rr",
        "-q",
        "1",
        "-W",
        "30",
        "-t",
        topic,
        "-e",
        &accepted,
        "-m",
        "{\"clientToken\":\"rr\"}",
    ];
    let answer = done(
        &pump
            .client("mosquitto_rr", &platform, &ask)
            .output()
            .unwrap(),
    );
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        (&answer["state"]["desired"], &answer["clientToken"]),
        (&json!({"interval": 10}), &json!("rr"))
    );
}

#[test]
fn what_is_refused_over_http_has_its_code() {
    let platform = Platform::start();
    let _pump = Device::new(&platform, "pump-7");
    let large = format!("@{}", platform.folder().join("large").display());
    std::fs::write(&large[1..], vec![b' '; 3 << 20]).unwrap();
    let wide = format!(
        r#"{{"state":{{"desired":{{"a":"{}"}}}}}}"#,
        "x".repeat(9_000)
    );
    let cases = [
        (&[][..], "/v1/things/pump-8/twin", 404, "TL-FLEET-001"),
        (&[], "/v1/things/pump-7/twin", 404, "TL-FLEET-004"),
        (&[], "/v1/things/pump-8", 404, "TL-FLEET-001"),
        (
            &["--data-binary", &large],
            "/v1/things/pump-7/twin",
            413,
            "TL-FLEET-006",
        ),
        (
            &["-d", &wide],
            "/v1/things/pump-7/twin",
            413,
            "TL-FLEET-006",
        ),
        (&["-d", "{}"], "/v1/things/pump-7/twin", 400, "TL-FLEET-007"),
        (
            &["-d", r#"{"state":{},"version":3}"#],
            "/v1/things/pump-7/twin?shadow=net",
            409,
            "TL-FLEET-005",
        ),
        (
            &[],
            "/v1/things/pump-7/twin?shadow=a%2Fb",
            422,
            "TL-FLEET-003",
        ),
    ];
    for (arguments, path, status, code) in cases {
        let (answered, problem) = platform.curl(arguments, path);
        assert_eq!(answered, status, "{path} {problem}");
        assert!(problem.contains(code), "{path} {problem}");
    }
}

#[test]
fn kill_9_loses_no_acknowledged_message_and_no_version() {
    let platform = Platform::start();
    let pump = Device::new(&platform, "pump-7");
    let began = Instant::now();
    let mut acknowledged = 0;
    while began.elapsed() < Duration::from_secs(2) {
        done(&pump.publish(&platform, "dt/pump-7/n", &acknowledged.to_string()));
        let twin = platform.post(
            "/v1/things/pump-7/twin",
            &json!({"state": {"reported": {"n": acknowledged}}}),
        );
        acknowledged += 1;
        assert_eq!(twin["version"], acknowledged);
    }
    let platform = platform.kill_and_restart();
    platform.wait_for("select count(distinct payload) from messages", |count| {
        count == acknowledged
    });
    platform.wait_for("select max(version) from twins", |version| {
        version == acknowledged
    });
    let (status, twin) = platform.curl(&[], "/v1/things/pump-7/twin");
    let twin: Value = serde_json::from_str(&twin).unwrap();
    assert_eq!((status, &twin["version"]), (200, &json!(acknowledged)));
    assert_eq!(twin["state"]["reported"]["n"], acknowledged - 1);
    // The secret is still good, and worth nothing once it is renewed.
    done(&pump.publish(&platform, "dt/pump-7/n", "last"));
    platform.post("/v1/things/pump-7/secret", &json!({}));
    assert!(
        !pump
            .publish(&platform, "dt/pump-7/n", "no")
            .status
            .success()
    );
}

#[test]
fn a_service_whose_token_is_taken_back_is_let_go() {
    let platform = Platform::start();
    let made = platform.post("/v1/tokens", &json!({"name": "bridge", "scopes": ["read"]}));
    let (host, port) = platform.mqtt.split_once(':').unwrap();
    let mut command = Command::new("stdbuf");
    command
        .args([
            "-oL",
            "mosquitto_sub",
            "-h",
            host,
            "-p",
            port,
            "-V",
            "mqttv5",
        ])
        .args([
            "-u",
            "bridge",
            "-P",
            made["token"].as_str().unwrap(),
            "-t",
            "dt/#",
        ]);
    let listener = Listener::start(command);
    let id = made["id"].as_str().unwrap();
    let (status, _) = platform.curl(&["-X", "DELETE"], &format!("/v1/tokens/{id}"));
    assert_eq!(status, 204);
    platform.wait_for(
        "select count(*) from events where type = 'trunkline.fleet.client.gone.v1' and data->>'reason' = 'revoked'",
        |count| count >= 1,
    );
    while !listener.line().contains("DISCONNECT") {}
}

#[test]
fn a_policy_that_takes_a_right_away_ends_the_connections_that_had_it() {
    let platform = Platform::start();
    let (host, port) = platform.mqtt.split_once(':').unwrap();
    let service = || {
        let mut command = Command::new("stdbuf");
        command
            .args([
                "-oL",
                "mosquitto_sub",
                "-h",
                host,
                "-p",
                port,
                "-V",
                "mqttv5",
            ])
            .args([
                "-u",
                "bridge",
                "-P",
                &platform.token,
                "-t",
                "dt/#",
                "-W",
                "20",
            ]);
        command
    };
    let listener = Listener::start(service());
    let policies = platform.data_dir().join("workspace/policies");
    std::fs::create_dir_all(&policies).unwrap();
    let text = "forbid (principal, action == Action::\"topic.subscribe\", resource);";
    std::fs::write(policies.join("broker.cedar"), text).unwrap();
    while !listener.line().contains("DISCONNECT") {}
    // It may still publish, so it is let in, and its subscription is refused.
    let said = service().arg("-d").output().unwrap();
    let said =
        String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    assert!(said.contains("denied") || said.contains(": 135"), "{said}");
}

#[test]
fn paho_speaks_each_version_with_each_quality() {
    let platform = Platform::start();
    let output = python()
        .arg(script("paho_client.py"))
        .args([&platform.mqtt, &platform.token])
        .output()
        .unwrap();
    let said = done(&output);
    assert!(said.contains("all well"), "{said}");
    // Three qualities, two versions, and ten messages of each; the last words of a client beside them.
    platform.wait_for(
        "select count(*) from messages where topic like 'paho/%'",
        |count| count == 60,
    );
    platform.wait_for(
        "select count(*) from messages where topic like 'will/%'",
        |count| count == 2,
    );
}

#[test]
fn mqtt_js_speaks_over_a_web_socket() {
    let platform = Platform::start();
    let url = platform.api.replacen("http", "ws", 1) + "/mqtt";
    let output = Command::new("node")
        .arg(script("mqtt_js.mjs"))
        .args([&url, &platform.token])
        .output()
        .unwrap();
    assert!(done(&output).contains("all well"));
}

#[test]
fn topic_rules_make_rows_of_messages() {
    let platform = Platform::start();
    let pump = Device::new(&platform, "pump-7");
    let rules = platform.data_dir().join("workspace/telemetry");
    std::fs::create_dir_all(&rules).unwrap();
    let rule = r#"
        topic = "dt/+/reading"
        table = "pump_readings"
        [columns]
        device = { from = "thing()", type = "text" }
        temperature = { from = "temperature", type = "real", required = true }
    "#;
    std::fs::write(rules.join("pump.toml"), rule).unwrap();
    platform.wait_for(
        "select count(*) from information_schema.tables where table_name = 'pump_readings'",
        |count| count == 1,
    );
    let send = |payload: &str| done(&pump.publish(&platform, "dt/pump-7/reading", payload));
    send(r#"{"temperature": 20.5}"#);
    send(r#"{"temperature": "hot"}"#);
    // Straight to the rule, past all who listen.
    done(&pump.publish(
        &platform,
        "$aws/rules/pump/pump-7/x",
        r#"{"temperature": 30}"#,
    ));
    platform.wait_for(
        "select count(*) from pump_readings where device = 'pump-7' and temperature > 20",
        |count| count == 2,
    );
    platform.wait_for(
        "select count(*) from dead_letters where protocol = 'mqtt' and detail like '%rule `pump`%'",
        |count| count == 1,
    );
    // A rule that is wrong leaves the one that was good.
    std::fs::write(rules.join("pump.toml"), "topic = 7").unwrap();
    std::thread::sleep(Duration::from_secs(1));
    send(r#"{"temperature": 40}"#);
    // What was made of old messages stays, whatever the rules are at the next start.
    let platform = platform.kill_and_restart();
    platform.wait_for("select count(*) from pump_readings", |count| count == 3);
}

#[test]
fn services_hear_who_comes_and_goes() {
    let platform = Platform::start();
    let pump = Device::new(&platform, "pump-7");
    let (host, port) = platform.mqtt.split_once(':').unwrap();
    let mut command = Command::new("stdbuf");
    command
        .args(["-oL", "mosquitto_sub", "-v", "-h", host, "-p", port])
        .args(["-u", "watch", "-P", &platform.token])
        .args(["-t", "$aws/events/presence/+/pump-7"]);
    let service = Listener::start(command);
    done(&pump.publish(&platform, "dt/pump-7/x", "1"));
    let (topic, came) = service.message();
    assert_eq!(topic, "$aws/events/presence/connected/pump-7");
    assert_eq!(came["principalIdentifier"], "pump-7");
    let (topic, went) = service.message();
    assert_eq!(topic, "$aws/events/presence/disconnected/pump-7");
    assert_eq!(went["disconnectReason"], "CLIENT_INITIATED_DISCONNECT");
    assert_eq!(went["sessionIdentifier"], came["sessionIdentifier"]);
    assert!(went["versionNumber"].as_u64() > came["versionNumber"].as_u64());
}
