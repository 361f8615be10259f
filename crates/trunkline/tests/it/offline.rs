//! What works on a data directory alone: tokens, links, doctor.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::program::Program;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_token_is_made_listed_and_revoked_without_a_platform() {
    let program = Program::new();
    let made = program.run(&[
        "token",
        "create",
        "--name",
        "ci",
        "--scope",
        "write",
        "--data-dir",
        "data",
    ]);
    let token = made.good();
    assert!(
        token.starts_with("tl_") && token.ends_with('\n') && token.lines().count() == 1,
        "{token}"
    );
    let listed = program.run(&["token", "list", "--data-dir", "data"]).good();
    assert!(!listed.contains(token.trim()), "{listed}");
    let list = json(
        &program
            .run(&["token", "list", "--data-dir", "data", "--json"])
            .good(),
    );
    let entry = &list["tokens"][0];
    assert_eq!(
        (entry["name"].as_str(), entry["scopes"][0].as_str()),
        (Some("ci"), Some("write"))
    );
    let id = entry["id"].as_str().unwrap();
    let try_run = program.run(&["token", "revoke", id, "-n", "--data-dir", "data"]);
    assert_eq!((try_run.code(), try_run.out().as_str()), (0, ""));
    assert_eq!(
        program
            .run(&["token", "revoke", id, "--data-dir", "data"])
            .code(),
        0
    );
    let again = program.run(&["token", "revoke", id, "--data-dir", "data"]);
    assert_eq!(again.code(), 3, "{}", again.err());
    assert!(
        again.err().starts_with("error[TL-ACCESS-006]"),
        "{}",
        again.err()
    );
}

#[test]
fn a_trial_changes_nothing() {
    let program = Program::new();
    for arguments in [
        &["token", "create", "--name", "ci", "-n"][..],
        &["link", "create", "--dry-run"],
    ] {
        let ran = program.run(&[arguments, &["--data-dir", "data"]].concat());
        assert_eq!((ran.code(), ran.out().as_str()), (0, ""));
        assert!(ran.err().starts_with("would make"), "{}", ran.err());
        assert!(!program.folder().join("data").exists());
    }
}

#[test]
fn a_token_without_a_good_name_is_refused() {
    let ran = Program::new().run(&["token", "create", "--name", "<b>", "--data-dir", "data"]);
    assert_eq!((ran.code(), ran.out().as_str()), (1, ""));
    assert!(
        ran.err().contains("\nerror[TL-ACCESS-007]: "),
        "{}",
        ran.err()
    );
}

#[test]
fn a_link_leads_to_where_the_platform_listens() {
    let program = Program::new().with("TRUNKLINE__API__LISTEN", "0.0.0.0:8080");
    let link = program
        .run(&["link", "create", "--data-dir", "data"])
        .good();
    assert!(
        link.starts_with("http://127.0.0.1:8080/sign-in#link="),
        "{link}"
    );
}

fn status(program: &Program, check: &str) -> (String, String) {
    let ran = program.run(&["doctor", "--data-dir", "data", "--json"]);
    let checks = json(&ran.out());
    let found = checks
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["check"] == check);
    let text = |name: &str| {
        found
            .map(|one| one[name].as_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    (text("status"), text("detail"))
}

#[test]
fn the_doctor_finds_open_permissions_and_taken_ports() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut program = Program::new().with(
        "TRUNKLINE__API__LISTEN",
        &taken.local_addr().unwrap().to_string(),
    );
    for section in [
        "GATEWAY__LISTEN",
        "MQTT__LISTEN",
        "PGWIRE__LISTEN",
        "OTLP__LISTEN",
        "OTLP__GRPC_LISTEN",
    ] {
        program = program.with(&format!("TRUNKLINE__{section}"), "127.0.0.1:0");
    }
    let token = program.file("data/local.token", "tl_x");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(status(&program, "local token").0, "warn");
    assert_eq!(status(&program, "port of api").0, "fail");
    assert_eq!(status(&program, "port of pgwire").0, "ok");
    assert_eq!(program.run(&["doctor", "--data-dir", "data"]).code(), 1);
}

#[test]
fn the_doctor_tells_of_a_torn_log_and_leaves_it_as_it_is() {
    let program = Program::new();
    let log = program.folder().join("data/log");
    write_log(&log);
    let segment = std::fs::read_dir(&log)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "log"))
        .unwrap();
    assert_eq!(status(&program, "log").0, "ok");
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &whole[..whole.len() - 3]).unwrap();
    let (status, detail) = status(&program, "log");
    assert_eq!(status, "warn", "{detail}");
    assert!(detail.contains("an unfinished record"), "{detail}");
    assert_eq!(
        std::fs::metadata(&segment).unwrap().len(),
        whole.len() as u64 - 3
    );
}

/// A log with one batch in it.
fn write_log(folder: &std::path::Path) {
    use std::sync::Arc;
    use trunkline_log::{Batch, DiskLog, EventLog as _, LogConfig, RecordKind};
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let config = LogConfig {
            reserve_bytes: 0,
            ..LogConfig::default()
        };
        let (log, _) =
            DiskLog::open(folder, config, Arc::new(trunkline_model::SystemClock)).unwrap();
        let message = bytes::Bytes::from_static(b"{\"specversion\":\"1.0\"}");
        log.append(Batch::single(RecordKind(1), message))
            .await
            .unwrap();
        log.close().await;
    });
}
