//! `trunkline ingest`: what is sent, and what a busy platform does to it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::{Value, json};

use crate::program::Program;
use crate::serve::Server;

/// A platform that takes lines, and is busy at the first request.
fn platform(taken: &Arc<Mutex<String>>) -> Server {
    let tries = Arc::new(AtomicU32::new(0));
    let taken = Arc::clone(taken);
    let events = move |body: String| {
        let (first, taken) = (
            tries.fetch_add(1, Ordering::SeqCst) == 0,
            Arc::clone(&taken),
        );
        async move { answer(first, &taken, &body) }
    };
    Server::new(Router::new().route("/v1/events", post(events)))
}

fn answer(busy: bool, taken: &Mutex<String>, body: &str) -> Response {
    if busy {
        let problem = json!({"code": "TL-INGEST-011", "detail": "too much at once"});
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            [("retry-after", "0")],
            problem.to_string(),
        )
            .into_response();
    }
    let mut all = taken.lock().unwrap();
    all.push_str(body);
    let lines = body.lines().filter(|line| !line.is_empty()).count();
    json!({"accepted": lines, "duplicates": 0, "rejected": []})
        .to_string()
        .into_response()
}

pub(crate) fn git(program: &Program, arguments: &[&str]) {
    let identity = [
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.com",
        "-c",
        "init.defaultBranch=main",
    ];
    let status = std::process::Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(program.folder().join("shop"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn history_is_sent_as_events_after_the_platform_has_room() {
    let taken = Arc::default();
    let server = platform(&taken);
    let program = Program::new()
        .with("TRUNKLINE_TOKEN", "tl_x")
        .with("TRUNKLINE_SERVER", &server.url);
    program.file("shop/a.txt", "one\n");
    git(&program, &["init", "-q"]);
    git(&program, &["add", "."]);
    git(&program, &["commit", "-q", "-m", "Open the shop"]);
    let look = program.run(&["ingest", "git", "shop", "--dry-run"]);
    assert_eq!(
        (look.code(), look.err().as_str()),
        (0, "reading commits\nwould send 1 commit\n")
    );
    let ran = program.run(&["ingest", "git", "shop"]);
    assert!(
        ran.good().is_empty() && ran.err().ends_with("1 event accepted\n"),
        "{}",
        ran.err()
    );
    let event: Value = serde_json::from_str(taken.lock().unwrap().trim()).unwrap();
    assert_eq!(
        (event["source"].as_str(), event["type"].as_str()),
        (Some("/git/shop"), Some("trunkline.git.commit.v1"))
    );
    assert_eq!(
        (event["id"].clone(), event["data"]["title"].as_str()),
        (event["data"]["hash"].clone(), Some("Open the shop"))
    );
}

#[test]
fn lines_are_sent_once_and_ids_hold_the_place() {
    let taken = Arc::default();
    let server = platform(&taken);
    let program = Program::new()
        .with("TRUNKLINE_TOKEN", "tl_x")
        .with("TRUNKLINE_SERVER", &server.url);
    let text = "{\"a\":1}\n".repeat(1_500);
    program.file("lines.jsonl", &text);
    let ran = program.run(&[
        "ingest",
        "events",
        "lines.jsonl",
        "--type",
        "t.v1",
        "--source",
        "/a b",
        "--id",
        "day",
        "--json",
    ]);
    assert_eq!(
        serde_json::from_str::<Value>(&ran.good()).unwrap()["accepted"],
        1_500,
        "{}",
        ran.err()
    );
    assert_eq!(*taken.lock().unwrap(), text);
    let first = "POST /v1/events?type=t.v1&source=/a%20b&id=day-1";
    assert_eq!(
        server.asked(),
        [
            first,
            first,
            "POST /v1/events?type=t.v1&source=/a%20b&id=day-1001"
        ]
    );
}

#[test]
fn bad_lines_are_found_before_anything_is_sent() {
    let program = Program::new();
    program.file("lines.jsonl", "{\"a\":1}\n\n[1]\n{oops\n");
    let ran = program.run(&["ingest", "events", "lines.jsonl", "-n"]);
    assert_eq!(ran.code(), 1);
    assert!(
        ran.err().contains("line 3: not a JSON object") && ran.err().contains("line 4: "),
        "{}",
        ran.err()
    );
}
