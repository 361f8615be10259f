//! HTTP/2 as an attacker writes it: frames by hand, against RFC 9113 and against floods.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Node, Upstream, ok, simple};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Header fields as literals that no table keeps, so that what is sent stands here.
fn fields(list: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in list {
        block.push(0);
        for text in [name, value] {
            assert!(text.len() < 127);
            block.push(text.len() as u8);
            block.extend(text.as_bytes());
        }
    }
    block
}

fn request(more: &[(&str, &str)]) -> Vec<u8> {
    let mut list = vec![
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "a"),
    ];
    list.extend(more);
    fields(&list)
}

/// What came back: the kinds of frames, with the error code of RST_STREAM and GOAWAY, until the connection is closed or a second is over.
async fn frames(node: &Node, sent: &[u8]) -> Vec<(u8, u32)> {
    let mut stream = node.connect().await;
    let mut bytes = PREFACE.to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    bytes.extend(sent);
    // The other side may close while it is still written to.
    drop(stream.write_all(&bytes).await);
    let mut answer = Vec::new();
    drop(tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut answer)).await);
    let mut found = Vec::new();
    let mut rest = &answer[..];
    while rest.len() >= 9 {
        let length = u32::from_be_bytes([0, rest[0], rest[1], rest[2]]) as usize;
        let (kind, end) = (rest[3], (9 + length).min(rest.len()));
        let payload = &rest[9..end];
        let code = match kind {
            RST_STREAM => payload.get(..4),
            GOAWAY => payload.get(4..8),
            _ => None,
        };
        let code = code.map_or(0, |code| u32::from_be_bytes(code.try_into().unwrap()));
        found.push((kind, code));
        rest = &rest[end..];
    }
    found
}

fn refused(frames: &[(u8, u32)]) -> bool {
    frames
        .iter()
        .any(|(kind, code)| matches!(*kind, RST_STREAM | GOAWAY) && *code != 0)
}

#[tokio::test]
async fn what_breaks_the_protocol_never_reaches_the_upstream() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::start(&simple(upstream.address, "", ""));
    let whole = END_STREAM | END_HEADERS;
    let headers = |block: &[u8]| frame(HEADERS, whole, 1, block);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("DATA on stream 0", frame(DATA, END_STREAM, 0, b"x")),
        ("DATA on an idle stream", frame(DATA, END_STREAM, 1, b"x")),
        (
            "HEADERS on stream 0",
            frame(HEADERS, whole, 0, &request(&[])),
        ),
        (
            "HEADERS on an even stream",
            frame(HEADERS, whole, 2, &request(&[])),
        ),
        (
            "CONTINUATION without HEADERS",
            frame(CONTINUATION, END_HEADERS, 1, &request(&[])),
        ),
        ("PING of 7 bytes", frame(PING, 0, 0, &[0; 7])),
        ("SETTINGS of 5 bytes", frame(SETTINGS, 0, 0, &[0; 5])),
        ("WINDOW_UPDATE of 0", frame(WINDOW_UPDATE, 0, 0, &[0; 4])),
        (
            "RST_STREAM of an idle stream",
            frame(RST_STREAM, 0, 1, &[0; 4]),
        ),
        ("a frame that is too large", frame(DATA, 0, 1, &[0; 70_000])),
        ("a capital in a name", headers(&request(&[("X-A", "1")]))),
        (
            "a header of the connection",
            headers(&request(&[("connection", "close")])),
        ),
        (
            "transfer-encoding",
            headers(&request(&[("transfer-encoding", "chunked")])),
        ),
        (
            "te other than trailers",
            headers(&request(&[("te", "gzip")])),
        ),
        (
            "a line feed in a value",
            headers(&request(&[("x-a", "1\nx-b: 2")])),
        ),
        (
            "a pseudo-header behind headers",
            headers(&fields(&[
                (":method", "GET"),
                (":scheme", "http"),
                ("x-a", "1"),
                (":path", "/"),
                (":authority", "a"),
            ])),
        ),
        ("two paths", headers(&request(&[(":path", "/other")]))),
        (
            "no path",
            headers(&fields(&[
                (":method", "GET"),
                (":scheme", "http"),
                (":authority", "a"),
            ])),
        ),
        (
            "an unknown pseudo-header",
            headers(&request(&[(":x", "1")])),
        ),
        ("a content-length that lies", {
            let mut bytes = frame(
                HEADERS,
                END_HEADERS,
                1,
                &request(&[("content-length", "5")]),
            );
            bytes.extend(frame(DATA, END_STREAM, 1, b"hello, world"));
            bytes
        }),
    ];
    for (name, bytes) in cases {
        let answer = frames(&node, &bytes).await;
        assert!(refused(&answer), "{name}: {answer:?}");
    }
    assert!(
        upstream.count() <= 1,
        "{:?}",
        upstream.heads.lock().unwrap()
    );
    // A good one is answered on the same gateway.
    let good = frames(&node, &headers(&request(&[]))).await;
    assert!(
        good.iter().any(|(kind, _)| *kind == DATA) && !refused(&good),
        "{good:?}"
    );
}

#[tokio::test]
async fn floods_end_their_own_connection_only() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::start(&simple(upstream.address, "", ""));
    let whole = END_STREAM | END_HEADERS;
    let many = |each: &dyn Fn(u32) -> Vec<u8>, count: u32| -> Vec<u8> {
        (0..count).flat_map(each).collect()
    };
    let resets = many(
        &|n| {
            let mut bytes = frame(HEADERS, whole, 2 * n + 1, &request(&[]));
            bytes.extend(frame(RST_STREAM, 0, 2 * n + 1, &8_u32.to_be_bytes()));
            bytes
        },
        20_000,
    );
    let mut continuations = frame(HEADERS, END_STREAM, 1, &request(&[]));
    continuations.extend(many(
        &|_| {
            frame(
                CONTINUATION,
                0,
                1,
                &fields(&[("x-a", "a".repeat(100).as_str()); 100]),
            )
        },
        200,
    ));
    for (name, bytes) in [("rapid reset", resets), ("continuations", continuations)] {
        let answer = frames(&node, &bytes).await;
        assert!(refused(&answer) || answer.is_empty(), "{name}: {answer:?}");
    }
    assert!(
        upstream.count() < 2_000,
        "{} requests got through",
        upstream.count()
    );
    let good = frames(&node, &frame(HEADERS, whole, 1, &request(&[]))).await;
    assert!(good.iter().any(|(kind, _)| *kind == DATA), "{good:?}");
}
