//! Requests that two servers could read in two ways never reach the upstream.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Node, Upstream, ok, simple, status};

#[tokio::test]
async fn refused_forms_never_reach_the_upstream() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::start(&simple(upstream.address, "", ""));
    let bomb = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "a".repeat(70 * 1024)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
        "X: 1\r\n".repeat(300)
    );
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(20 * 1024));
    let forms: Vec<(&str, u16)> = vec![
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nG",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
            400,
        ),
        (
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
            400,
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n Y: 2\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: a\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\0: 1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /svc/../app/x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /svc%2f..%2fapp HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /%252e%252e/app HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\n",
            400,
        ),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (&bomb, 431),
        (&many, 431),
        (&long, 414),
    ];
    for (form, expected) in forms {
        let answer = node.raw(form.as_bytes()).await;
        let start: String = form.chars().take(120).collect();
        assert_eq!(status(&answer), expected, "{start:?} {answer}");
        assert!(
            answer.contains("application/problem+json") && answer.contains("TL-GATEWAY-"),
            "{start:?}"
        );
        assert_eq!(upstream.count(), 0, "{start:?}");
    }
    let event = node.event(|line| line["refusal"] == "TL-GATEWAY-002").await;
    assert_eq!(event["status"], 400);
}

#[tokio::test]
async fn a_bad_request_behind_a_good_one_is_refused_alone() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::start(&simple(upstream.address, "", ""));
    let answer = node.raw(b"GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n").await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("HTTP/1.1 400"),
        "{answer}"
    );
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn a_head_byte_by_byte_is_read_as_one() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::start(&simple(upstream.address, "", ""));
    let mut stream = node.connect().await;
    for byte in
        b"POST /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
    {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), 200);
    assert!(upstream.last().starts_with("POST /slow HTTP/1.1"));
}

#[tokio::test]
async fn forged_headers_do_not_pass() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::start(&simple(upstream.address, "", ""));
    let forged = "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Trunkline-Subject: root\r\nX_Trunkline_Subject: root\r\nX-Real-IP: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nConnection: x-gone\r\nX-Gone: 1\r\n";
    assert_eq!(status(&node.get("/%61?q=1", forged).await), 200);
    let head = upstream.last().to_ascii_lowercase();
    assert!(
        !head.contains("6.6.6.6")
            && !head.contains("root")
            && !head.contains("evil")
            && !head.contains("x-gone"),
        "{head}"
    );
    assert!(
        head.contains("x-forwarded-for: 127.0.0.1\r\n")
            && head.contains("x-trunkline-route: all\r\n")
            && head.contains("traceparent: 00-"),
        "{head}"
    );
    assert!(head.starts_with("get /a?q=1 http/1.1\r\n"), "{head}");
}

#[tokio::test]
async fn slow_and_silent_clients_are_let_go() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::with(
        &simple(upstream.address, "", ""),
        trunkline_gateway::Ports::default(),
        |config| {
            config.head_timeout_seconds = 1;
            config.body_timeout_seconds = 1;
            config.connections_per_address = 3;
        },
    );
    for bytes in [&b""[..], b"GET / HT", b"PRI * HT"] {
        let mut stream = node.connect().await;
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(
            std::time::Duration::from_secs(4),
            stream.read_to_end(&mut answer),
        )
        .await;
        assert!(ended.is_ok(), "{bytes:?}");
    }
    let answer = node
        .raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
        .await;
    assert_eq!(status(&answer), 408, "{answer}");
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(node.connect().await);
    }
    let mut fourth = node.connect().await;
    assert_eq!(fourth.read(&mut [0]).await.unwrap_or(0), 0);
}
