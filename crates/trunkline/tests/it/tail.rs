//! `trunkline tail` over a connection that breaks.

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::json;

use crate::program::Program;
use crate::serve::Server;

/// Offsets 0 to 5, two for each connection, which then breaks without a word.
async fn follow(upgrade: WebSocketUpgrade, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let from = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("from="))
        .unwrap_or_default();
    let from: u64 = from.parse().unwrap_or(0);
    upgrade.on_upgrade(move |mut socket: WebSocket| async move {
        let row = |offset: u64| json!({"offset": offset, "received": "2026-11-24T18:00:00Z", "table": "events", "row": {"id": offset}});
        let frame = json!({"rows": [row(from), row(from + 1)], "next": from + 2});
        socket.send(Message::text(frame.to_string())).await.unwrap();
    })
}

#[test]
fn a_broken_connection_leaves_no_gap_and_no_double() {
    let server = Server::new(Router::new().route("/v1/tail", get(follow)));
    let program = Program::new()
        .with("TRUNKLINE_TOKEN", "tl_x")
        .with("TRUNKLINE_SERVER", &server.url);
    let ran = program.run(&[
        "tail",
        "--from",
        "earliest",
        "--limit",
        "6",
        "-o",
        "jsonl",
        "--contains",
        "a b",
    ]);
    let offsets: Vec<u64> = ran
        .good()
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["offset"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(offsets, [0, 1, 2, 3, 4, 5]);
    assert_eq!(
        server.asked(),
        [
            "GET /v1/tail?from=earliest&contains=a+b",
            "GET /v1/tail?from=2&contains=a+b",
            "GET /v1/tail?from=4&contains=a+b"
        ]
    );
}

#[test]
fn a_refusal_is_not_tried_again() {
    let refuse = |State(()): State<()>| async {
        let problem = json!({"code": "TL-LOG-006", "detail": "offset 3 is gone", "hint": "read from `earliest`"});
        (StatusCode::GONE, problem.to_string()).into_response()
    };
    let server = Server::new(Router::new().route("/v1/tail", get(refuse)).with_state(()));
    let program = Program::new()
        .with("TRUNKLINE_TOKEN", "tl_x")
        .with("TRUNKLINE_SERVER", &server.url);
    let ran = program.run(&["tail", "--from", "3"]);
    assert_eq!(ran.code(), 3, "{}", ran.err());
    assert_eq!(
        ran.err(),
        "error[TL-LOG-006]: offset 3 is gone\n\nhint: read from `earliest`\n"
    );
    assert_eq!(server.asked().len(), 1);
}
