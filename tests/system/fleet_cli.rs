//! The fleet on the command line.

use std::process::Command;

use serde_json::{Value, json};

use crate::listener::Listener;
use crate::platform::{Platform, done};

/// What a command of the binary prints as JSON.
fn shown(platform: &Platform, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--output", "json"]].concat();
    let text = done(&platform.trunkline(&arguments));
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{arguments:?}: {text}"))
}

fn names(rows: &Value, column: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap_or_else(|| panic!("{rows}")).iter();
    rows.map(|row| row[column].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn many_devices_are_made_out_of_a_file_and_no_more_the_second_time() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("pumps.jsonl"), folder.path().join("out"));
    let lines: String = (0..25)
        .map(|n| {
            json!({"name": format!("pump-{n:02}"), "kind": "pump", "attributes": {"site": "north"}})
                .to_string()
                + "\n"
        })
        .collect();
    std::fs::write(&file, &lines).unwrap();
    let (file, out_text) = (file.to_str().unwrap(), out.to_str().unwrap());
    let import = |more: &[&str]| {
        let arguments = [&["thing", "import", file, "--out", out_text], more].concat();
        platform.trunkline(&arguments)
    };
    done(&import(&["--dry-run"]));
    assert!(!out.exists());
    done(&import(&[]));
    let verified = Command::new("openssl")
        .args([
            "verify",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "device.pem",
            "device.pem",
        ])
        .current_dir(out.join("pump-07"))
        .output()
        .unwrap();
    done(&verified);
    // What was lost is made again, and nothing else.
    std::fs::remove_dir_all(out.join("pump-07")).unwrap();
    let kept = std::fs::read(out.join("pump-08/device.pem")).unwrap();
    done(&import(&[]));
    assert_eq!(std::fs::read(out.join("pump-08/device.pem")).unwrap(), kept);
    assert!(out.join("pump-07/device.key").exists());
    let all = shown(&platform, &["certificate", "list"]);
    assert_eq!(all["certificates"].as_array().unwrap().len(), 26);
    let things = shown(&platform, &["thing", "list"]);
    assert_eq!(names(&things["things"], "name").len(), 25);
    std::fs::write(file, lines.clone() + "{\"name\": \"pump-00\"}\n").unwrap();
    let twice = import(&[]);
    let said = String::from_utf8_lossy(&twice.stderr);
    assert!(said.contains("line 26") && said.contains("twice"), "{said}");
}

#[test]
fn groups_and_jobs_are_driven_from_the_command_line() {
    let platform = Platform::start();
    for name in ["pump-1", "pump-2"] {
        done(&platform.trunkline(&["thing", "create", name, "--kind", "pump"]));
    }
    let group = |arguments: &[&str]| done(&platform.trunkline(&[&["group"], arguments].concat()));
    group(&["create", "cellar"]);
    let statement = "select thing from things where kind = 'pump'";
    group(&["create", "pumps", "--statement", statement]);
    group(&["add", "cellar", "pump-2", "--dry-run"]);
    group(&["add", "cellar", "pump-2"]);
    let listed = shown(&platform, &["group", "list"]);
    assert_eq!(names(&listed["groups"], "name"), ["cellar", "pumps"]);
    let things = |group: &str| shown(&platform, &["group", "things", group])["things"].clone();
    assert_eq!(things("cellar"), json!(["pump-2"]));
    assert_eq!(things("pumps"), json!(["pump-1", "pump-2"]));
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let document = file("ota.json", &json!({"version": 7}));
    let with = file(
        "with.json",
        &json!({"timeoutConfig": {"inProgressTimeoutInMinutes": 10}}),
    );
    let create = [
        "job",
        "create",
        "ota-7",
        "--document",
        &document,
        "--target",
        "group:pumps",
        "--with",
        &with,
    ];
    done(&platform.trunkline(&[&create[..], &["--dry-run"]].concat()));
    assert_eq!(shown(&platform, &["job", "list"])["jobs"], json!([]));
    done(&platform.trunkline(&create));
    let jobs = shown(&platform, &["job", "list", "--status", "IN_PROGRESS"]);
    assert_eq!(names(&jobs["jobs"], "jobId"), ["ota-7"]);
    platform.wait_for(
        "select count(*) from events where type = 'trunkline.fleet.job.execution.changed.v1'",
        |count| count == 2,
    );
    let executions = shown(&platform, &["job", "executions", "ota-7"]);
    assert_eq!(executions["executions"].as_array().unwrap().len(), 2);
    done(&platform.trunkline(&["job", "cancel", "ota-7", "--reason", "BAD_IMAGE"]));
    let job = done(&platform.trunkline(&["job", "show", "ota-7"]));
    let job: Value = serde_json::from_str(&job).unwrap();
    assert_eq!(job["status"], "CANCELED", "{job}");
    done(&platform.trunkline(&["job", "remove", "ota-7", "--force"]));
    assert_eq!(shown(&platform, &["job", "list"])["jobs"], json!([]));
    group(&["take-out", "cellar", "pump-2"]);
    group(&["remove", "cellar"]);
    let missing = platform.trunkline(&["group", "things", "cellar"]);
    assert_eq!(missing.status.code(), Some(3), "{missing:?}");
}

#[test]
fn a_command_is_sent_from_the_command_line_and_its_answer_printed() {
    let platform = Platform::start();
    let secret = done(&platform.trunkline(&["thing", "create", "pump-7"]));
    let (host, port) = platform.mqtt.split_once(':').unwrap();
    let client = |program: &str| {
        let mut command = Command::new("stdbuf");
        command
            .args([
                "-oL",
                program,
                "-h",
                host,
                "-p",
                port,
                "-u",
                "pump-7",
                "-P",
                secret.trim(),
            ])
            .args(["-q", "1"]);
        command
    };
    let mut device = client("mosquitto_sub");
    device.args(["-i", "pump-7", "-t", "cmd/pump-7/+/req/#", "-F", "%t %p"]);
    let device = Listener::start(device);
    std::thread::scope(|scope| {
        let sent = scope.spawn(|| {
            platform.trunkline(&["command", "send", "pump-7", "reboot", "{\"delay\": 5}"])
        });
        let (topic, payload) = device.message();
        assert_eq!(payload, json!({"delay": 5}));
        let answer = client("mosquitto_pub")
            .args([
                "-i",
                "pump-7:answers",
                "-t",
                &topic.replace("/req/", "/res/"),
            ])
            .args(["-m", r#"{"status": "succeeded", "result": {"up": 1}}"#])
            .output()
            .unwrap();
        done(&answer);
        let answer: Value = serde_json::from_str(&done(&sent.join().unwrap())).unwrap();
        assert_eq!(
            (&answer["status"], &answer["result"]),
            (&json!("succeeded"), &json!({"up": 1}))
        );
    });
    let late = ["command", "send", "pump-7", "reboot", "--deadline", "1"];
    assert_eq!(platform.trunkline(&late).status.code(), Some(6));
    let listed = shown(&platform, &["command", "list", "pump-7"]);
    assert_eq!(
        names(&listed["commands"], "status"),
        ["timed_out", "succeeded"]
    );
    let all = shown(&platform, &["command", "list", "--status", "succeeded"]);
    assert_eq!(all["commands"].as_array().unwrap().len(), 1);
}

#[test]
fn types_relations_templates_and_authorities_are_kept_from_the_command_line() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, value: &Value| {
        let file = folder.path().join(name);
        std::fs::write(&file, value.to_string()).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let run = |arguments: &[&str]| done(&platform.trunkline(arguments));
    let pump = written(
        "pump.json",
        &json!({"description": "Moves water", "attributes": {"properties": {"site": {"enum": ["north", "south"]}}}}),
    );
    run(&["type", "put", "pump", &pump, "--dry-run"]);
    assert_eq!(shown(&platform, &["type", "list"])["types"], json!([]));
    run(&["type", "put", "pump", &pump]);
    let types = shown(&platform, &["type", "list"]);
    assert_eq!(names(&types["types"], "name"), ["pump"]);
    // What a type says of attributes holds for changes too.
    run(&["thing", "create", "pump-7"]);
    let set = ["thing", "set", "pump-7", "--kind", "pump", "--attribute"];
    run(&[&set[..], &["site=north", "--dry-run"]].concat());
    let thing: Value = serde_json::from_str(&run(&["thing", "show", "pump-7"])).unwrap();
    assert_eq!(
        (&thing["kind"], &thing["attributes"]),
        (&json!(""), &json!({}))
    );
    run(&[&set[..], &["site=north", "--attribute", "rack=2"]].concat());
    let wrong = platform.trunkline(&[&set[..], &["site=east"]].concat());
    assert!(!wrong.status.success());
    run(&["thing", "set", "pump-7", "--without", "rack"]);
    let thing: Value = serde_json::from_str(&run(&["thing", "show", "pump-7"])).unwrap();
    assert_eq!(
        (&thing["kind"], &thing["attributes"]),
        (&json!("pump"), &json!({"site": "north"}))
    );
    run(&["thing", "create", "gateway-1"]);
    let relation = ["thing:pump-7", "talks-through", "thing:gateway-1"];
    let related =
        |verb: &str, more: &[&str]| run(&[&["relation", verb], &relation[..], more].concat());
    related("put", &["--dry-run"]);
    related("put", &[]);
    let listed = shown(&platform, &["relation", "list", "gateway-1"]);
    assert_eq!(names(&listed["relations"], "from"), ["thing:pump-7"]);
    let reached = shown(
        &platform,
        &["relation", "reach", "gateway-1", "--kind", "talks-through"],
    );
    assert_eq!(names(&reached["ends"], "end"), ["thing:pump-7"]);
    related("remove", &[]);
    let listed = shown(&platform, &["relation", "list", "gateway-1"]);
    assert_eq!(listed["relations"], json!([]));
    let template = json!({"body": {
        "Parameters": {"SerialNumber": {"Type": "String"}},
        "Resources": {"thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "SerialNumber"}}},
            "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "Active"}}},
    }});
    run(&[
        "template",
        "put",
        "pumps",
        &written("pumps.json", &template),
    ]);
    let templates = shown(&platform, &["template", "list"]);
    assert_eq!(names(&templates["templates"], "name"), ["pumps"]);
    let out = folder.path().join("claim");
    let claimed = run(&["template", "claim", "pumps", "--out", out.to_str().unwrap()]);
    assert_eq!(claimed.trim().len(), 64);
    assert!(
        ["root.pem", "device.pem", "device.key"]
            .iter()
            .all(|name| out.join(name).exists())
    );
    let authority: Value = serde_json::from_str(&run(&["authority", "show"])).unwrap();
    assert!(authority["registration_code"].is_string());
    let unknown = platform.trunkline(&["authority", "remove", "nobody", "--dry-run"]);
    assert!(!unknown.status.success());
    run(&["template", "remove", "pumps"]);
    run(&["type", "remove", "pump", "--dry-run"]);
    run(&["type", "remove", "pump"]);
    assert_eq!(shown(&platform, &["type", "list"])["types"], json!([]));
}
