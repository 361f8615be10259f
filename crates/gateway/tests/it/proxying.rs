//! Upstreams as they are, and as they fail.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use trunkline_gateway::{AcmeConfig, Gateway, GatewayConfig, Ports};
use trunkline_model::{RandomIds, SystemClock};

use crate::support::{Node, Reply, Upstream, file, ok, simple, status};

#[tokio::test]
async fn an_answer_passes_and_becomes_an_event() {
    let upstream = Upstream::start(|_| ok("hello")).await;
    let node = Node::start(&simple(upstream.address, "", ""));
    let answer = node.get("/a/b?secret=1", "User-Agent: test\r\n").await;
    assert!(
        answer.ends_with("hello") && answer.contains("x-request-id: req_"),
        "{answer}"
    );
    let event = node.event(|line| line["status"] == 200).await;
    assert_eq!(event["path"], "/a/b");
    assert_eq!(event["route"], "all");
    assert_eq!(event["release"], "r1");
    assert_eq!(event["bytes_out"], 5);
    assert_eq!(event["user_agent"], "test");
    assert!(!event.to_string().contains("secret"));
}

#[tokio::test]
async fn a_lying_upstream_breaks_the_answer_visibly() {
    let upstream = Upstream::start(|head| {
        if head.starts_with("GET /short") {
            Reply::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec())
        } else if head.starts_with("GET /chunked") {
            Reply::Close(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n".to_vec(),
            )
        } else {
            Reply::Close(b"nonsense\r\n\r\n".to_vec())
        }
    })
    .await;
    let node = Node::start(&simple(upstream.address, "", ""));
    let short = node.get("/short", "").await;
    assert!(
        short.contains("content-length: 10") && short.ends_with("abc"),
        "{short}"
    );
    let chunked = node.get("/chunked", "").await;
    assert!(!chunked.ends_with("0\r\n\r\n"), "{chunked}");
    assert_eq!(status(&node.get("/else", "").await), 502);
    node.event(|line| line["path"] == "/short" && line["refusal"] == "TL-GATEWAY-009")
        .await;
}

#[tokio::test]
async fn a_hanging_upstream_is_a_504_and_a_missing_one_a_502() {
    let upstream = Upstream::start(|_| Reply::Hang).await;
    let node = Node::start(&simple(upstream.address, "timeout = \"100ms\"", ""));
    let answer = node.get("/", "").await;
    assert_eq!(status(&answer), 504);
    assert!(answer.contains("TL-GATEWAY-011"));
    let grpc = node.get("/", "Content-Type: application/grpc\r\n").await;
    assert!(
        status(&grpc) == 200 && grpc.contains("grpc-status: 4"),
        "{grpc}"
    );
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let node = Node::start(&simple(gone, "", ""));
    assert_eq!(status(&node.get("/", "").await), 502);
}

#[tokio::test]
async fn retries_go_to_another_target_and_the_breaker_opens() {
    let good = Upstream::start(|_| ok("good")).await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let text = format!(
        "[[upstream]]\nname = \"up\"\ntargets = [{{ url = \"http://{gone}\", weight = 100 }}, {{ url = \"http://{}\" }}]\nretries = {{ attempts = 2, budget = 1.0 }}\nbreaker = {{ failures = 2, open_for = \"1h\" }}\n[[route]]\nauth = [\"none\"]\nname = \"all\"\npath = \"/\"\nupstream = \"up\"\n",
        good.address
    );
    let node = Node::start(&text);
    for _ in 0..8 {
        assert_eq!(status(&node.get("/", "").await), 200);
    }
    assert_eq!(node.gateway.view().upstreams[0].targets[0].state, "open");
}

#[tokio::test]
async fn health_checks_take_a_target_out_and_back() {
    let sick =
        Upstream::start(|_| Reply::Keep(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec()))
            .await;
    let node = Node::start(&simple(
        sick.address,
        "health = { path = \"/up\", every = \"20ms\", unhealthy_after = 2 }",
        "",
    ));
    let started = Instant::now();
    while node.gateway.view().upstreams[0].targets[0].state != "unhealthy" {
        assert!(started.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(status(&node.get("/", "").await), 503);
}

#[tokio::test]
async fn bodies_stream_and_have_a_limit() {
    let upstream = Upstream::start(|_| ok("done")).await;
    let node = Node::start(&simple(upstream.address, "", "max_body = \"1KiB\""));
    let post = |length: usize| {
        format!(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{}",
            "a".repeat(length)
        )
    };
    assert_eq!(status(&node.raw(post(1024).as_bytes()).await), 200);
    assert_eq!(status(&node.raw(post(1025).as_bytes()).await), 413);
    assert_eq!(upstream.count(), 1);
    let chunked = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n{}\r\n0\r\n\r\n",
        "a".repeat(2048)
    );
    // An upstream that answers before the body is over would be heard; this one waits for the end.
    let waiting = Upstream::start(|_| Reply::Hang).await;
    let strict = Node::start(&simple(waiting.address, "", "max_body = \"1KiB\""));
    assert_eq!(status(&strict.raw(chunked.as_bytes()).await), 413);
    let mut stream = node.connect().await;
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n").await.unwrap();
    let mut first = [0; 25];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"ab").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert_eq!(status(&rest), 200);
}

#[tokio::test]
async fn routes_are_found_split_and_rewritten() {
    let (one, two) = (
        Upstream::start(|_| ok("one")).await,
        Upstream::start(|_| ok("two")).await,
    );
    let text = format!(
        r#"
[[upstream]]
name = "one"
targets = [{{ url = "http://{}" }}]
[[upstream]]
name = "two"
targets = [{{ url = "http://{}" }}]
[[route]]
auth = ["none"]
name = "shop"
path = "/shop/"
strip_prefix = "/shop"
rewrite = "/v2"
upstream = "one"
steps = [{{ path = "/shop/cart/", upstream = "two", percent = 100 }}]
[[route]]
auth = ["none"]
name = "split"
path = "/split"
methods = ["GET"]
split = [{{ upstream = "one", weight = 1 }}, {{ upstream = "two", when_header = "x-canary: yes" }}]
[[route]]
auth = ["none"]
name = "item"
path = "/items/{{id}}"
upstream = "two"
[[route]]
auth = ["none"]
name = "host"
hosts = ["*.b.example"]
path = "/split"
upstream = "two"
cors = {{ origins = ["https://app.example"] }}
"#,
        one.address, two.address
    );
    let node = Node::start(&text);
    assert!(node.get("/shop/x?a=1", "").await.ends_with("one"));
    assert!(one.last().starts_with("GET /v2/x?a=1 HTTP/1.1"));
    assert!(node.get("/shop/cart/1", "").await.ends_with("two"));
    assert!(node.get("/split", "").await.ends_with("one"));
    assert!(
        node.get("/split", "X-Canary: yes\r\n")
            .await
            .ends_with("two")
    );
    assert!(node.get("/items/7", "").await.ends_with("two"));
    assert_eq!(
        node.event(|line| line["route"] == "item").await["path"],
        "/items/{id}"
    );
    assert_eq!(status(&node.get("/items/7/8", "").await), 404);
    let refused = node
        .raw(b"POST /split HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await;
    assert!(
        status(&refused) == 405 && refused.contains("allow: GET"),
        "{refused}"
    );
    let preflight = node.raw(b"OPTIONS /split HTTP/1.1\r\nHost: x.b.example\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: GET\r\nConnection: close\r\n\r\n").await;
    assert!(
        status(&preflight) == 204
            && preflight.contains("access-control-allow-origin: https://app.example"),
        "{preflight}"
    );
    node.gateway
        .set_split(
            "split",
            &[("one".to_owned(), 0), ("two".to_owned(), 5)].into(),
        )
        .unwrap();
    assert!(node.get("/split", "").await.ends_with("two"));
    assert!(
        node.gateway
            .set_split("split", &[("three".to_owned(), 1)].into())
            .is_err()
    );
}

#[tokio::test]
async fn mirrored_answers_are_compared() {
    let (real, copy) = (
        Upstream::start(|_| ok("{\"a\":1}")).await,
        Upstream::start(|_| ok("{\"a\":2}")).await,
    );
    let text = simple(
        real.address,
        "",
        "mirror = { upstream = \"copy\", percent = 100, compare = true }",
    );
    let text = format!(
        "{text}[[upstream]]\nname = \"copy\"\ntargets = [{{ url = \"http://{}\" }}]\n",
        copy.address
    );
    let node = Node::start(&text);
    assert!(node.get("/", "").await.ends_with("{\"a\":1}"));
    let event = node
        .event(|line| line["kind"] == "trunkline.gateway.mirror.compared.v1")
        .await;
    assert!(
        event["same_status"] == true && event["same_body"] == false && event["same"] == false,
        "{event}"
    );
}

#[tokio::test]
async fn metadata_addresses_are_refused() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::start(&simple(upstream.address, "", ""));
    for url in [
        "http://169.254.169.254",
        "http://[::ffff:169.254.169.254]",
        "http://metadata.google.internal",
        "http://[fd00:ec2::254]:80",
        "http://10.0.0.1",
        "http://2852039166",
    ] {
        let text = format!(
            "[[upstream]]\nname = \"bad\"\nallow_private_addresses = [\"169.254.0.0/16\"]\ntargets = [{{ url = \"{url}\" }}]\n"
        );
        let problems = node.gateway.apply(&[file(&text)]);
        assert!(
            problems.len() == 1
                && problems[0].line == Some(4)
                && problems[0].text.contains("refused"),
            "{url} {problems:?}"
        );
        // The last good version serves on.
        assert_eq!(status(&node.get("/", "").await), 200);
    }
}

#[test]
fn acme_that_cannot_work_is_refused_at_the_start() {
    let good = AcmeConfig {
        directory: "https://acme.example/directory".into(),
        names: vec!["shop.example".into()],
        agree_to_terms: true,
        ..AcmeConfig::default()
    };
    let with = |change: &dyn Fn(&mut AcmeConfig), tls: bool| {
        let mut acme = good.clone();
        change(&mut acme);
        let config = GatewayConfig {
            tls_listen: tls.then(|| ([127, 0, 0, 1], 0).into()),
            acme: Some(acme),
            ..GatewayConfig::default()
        };
        let (clock, ids) = (
            std::sync::Arc::new(SystemClock),
            std::sync::Arc::new(RandomIds),
        );
        Gateway::new(config, Ports::default(), clock, ids)
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(with(&|_| {}, true), None);
    let refused = |change: &dyn Fn(&mut AcmeConfig), tls, word: &str| {
        let why = with(change, tls).unwrap();
        assert!(why.contains(word), "{why}");
    };
    refused(&|_| {}, false, "tls_listen");
    refused(&|acme| acme.agree_to_terms = false, true, "agree_to_terms");
    refused(&|acme| acme.names.clear(), true, "names");
    refused(&|acme| acme.names.push("*.example".into()), true, "`*`");
    refused(
        &|acme| acme.directory = "http://acme.example".into(),
        true,
        "https",
    );
}
