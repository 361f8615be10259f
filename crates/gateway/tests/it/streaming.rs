//! Answers that come piece by piece, and what happens to them when the gateway leaves.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::support::{Node, Upstream, ok, simple, status};

/// An upstream that writes what it is told to write, beginning when a request has come.
async fn told() -> (SocketAddr, mpsc::Sender<&'static str>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (send, mut pieces) = mpsc::channel::<&str>(8);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        assert!(stream.read(&mut head).await.unwrap() > 0);
        while let Some(piece) = pieces.recv().await {
            stream.write_all(piece.as_bytes()).await.unwrap();
        }
    });
    (address, send)
}

/// Reads until the text holds `wanted`.
async fn until(stream: &mut TcpStream, text: &mut String, wanted: &str) {
    let reading = async {
        let mut buffer = [0; 4096];
        while !text.contains(wanted) {
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "it ended before {wanted}: {text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    };
    let read = tokio::time::timeout(Duration::from_secs(5), reading).await;
    assert!(read.is_ok(), "{wanted} did not come: {text}");
}

const HEAD: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn each_event_of_a_stream_passes_as_soon_as_it_is_there() {
    let (address, send) = told().await;
    let node = Node::start(&simple(address, "", ""));
    let mut client = node.connect().await;
    client
        .write_all(b"GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n")
        .await
        .unwrap();
    let mut text = String::new();
    send.send(HEAD).await.unwrap();
    until(&mut client, &mut text, "text/event-stream").await;
    for (piece, wanted) in [
        ("8\r\ndata: 1\n\r\n", "data: 1\n"),
        ("8\r\ndata: 2\n\r\n", "data: 2\n"),
    ] {
        assert!(!text.contains(wanted));
        send.send(piece).await.unwrap();
        until(&mut client, &mut text, wanted).await;
    }
    // Trailers go with the stream.
    send.send("0\r\n\r\n").await.unwrap();
    until(&mut client, &mut text, "0\r\n\r\n").await;
}

#[tokio::test]
async fn a_gateway_that_leaves_ends_what_is_under_way_and_takes_nothing_new() {
    let (address, send) = told().await;
    let Node {
        running,
        gateway,
        lines: _,
    } = Node::start(&simple(address, "", ""));
    let at = running.address();
    let mut client = TcpStream::connect(at).await.unwrap();
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut text = String::new();
    send.send(HEAD).await.unwrap();
    until(&mut client, &mut text, "200 OK").await;
    let leaving = tokio::task::spawn_blocking(move || running.stop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(TcpStream::connect(at).await.is_err(), "it still listens");
    send.send("4\r\nlast\r\n0\r\n\r\n").await.unwrap();
    until(&mut client, &mut text, "last\r\n0\r\n\r\n").await;
    assert_eq!(
        client.read(&mut [0]).await.unwrap(),
        0,
        "the connection is kept"
    );
    drop(client);
    let left = tokio::time::timeout(Duration::from_secs(5), leaving).await;
    assert!(left.is_ok(), "it waits though nothing is under way");
    drop(gateway);
}

#[tokio::test]
async fn a_thousand_clients_that_come_back_at_once_are_all_answered() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::with(
        &simple(upstream.address, "max_connections = 2000", ""),
        trunkline_gateway::Ports::default(),
        |config| config.connections_per_address = 2_000,
    );
    let address = node.running.address();
    // Twice, as when a network comes back, goes and comes again.
    for _ in 0..2 {
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..1_000 {
            clients.spawn(async move {
                let mut stream = TcpStream::connect(address).await?;
                stream
                    .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    .await?;
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await?;
                std::io::Result::Ok(status(&answer))
            });
        }
        let answers = clients.join_all().await;
        let good = answers
            .iter()
            .filter(|answer| matches!(answer, Ok(200)))
            .count();
        assert_eq!(
            good,
            1_000,
            "{:?}",
            answers.iter().find(|answer| !matches!(answer, Ok(200)))
        );
    }
}
