//! Routes change while requests pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Node, Upstream, file, ok, simple};
use crate::upgrade::echo;

/// Asks on one connection until it is told to stop; every answer has to be a 200.
async fn load(address: std::net::SocketAddr, stop: Arc<AtomicBool>, count: Arc<AtomicU32>) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut buffer = vec![0; 4096];
    while !stop.load(Ordering::Relaxed) {
        stream
            .write_all(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        let mut length = 0;
        while !buffer[..length].ends_with(b"fine") {
            let read = stream.read(&mut buffer[length..]).await.unwrap();
            assert!(
                read > 0,
                "closed after {}",
                String::from_utf8_lossy(&buffer[..length])
            );
            length += read;
        }
        assert!(
            buffer.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&buffer[..length])
        );
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_changes_lose_nothing() {
    let (one, two, sockets) = (
        Upstream::start(|_| ok("fine")).await,
        Upstream::start(|_| ok("fine")).await,
        echo().await,
    );
    let text = |address, number: u32| {
        let mut text = simple(address, &format!("timeout = \"{}s\"", 10 + number), "");
        text.push_str(&format!("[[upstream]]\nname = \"ws\"\ntargets = [{{ url = \"http://{sockets}\" }}]\nconnect_timeout = \"{}s\"\n[[route]]\nauth = [\"none\"]\nname = \"ws\"\npath = \"/ws\"\nupstream = \"ws\"\nwebsocket = true\n", 1 + number));
        text
    };
    let node = Node::start(&text(one.address, 0));
    let mut open = Vec::new();
    for _ in 0..100 {
        let url = format!("ws://{}/ws", node.running.address());
        open.push(tokio_tungstenite::connect_async(url).await.unwrap().0);
    }
    let (stop, count) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let clients: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(load(
                node.running.address(),
                Arc::clone(&stop),
                Arc::clone(&count),
            ))
        })
        .collect();
    for number in 1..=100 {
        let before = count.load(Ordering::Relaxed);
        let address = if number % 2 == 0 {
            one.address
        } else {
            two.address
        };
        assert!(
            node.gateway
                .apply(&[file(&text(address, number))])
                .is_empty()
        );
        while count.load(Ordering::Relaxed) < before + 100 {
            assert!(
                !clients.iter().any(tokio::task::JoinHandle::is_finished),
                "a client failed"
            );
            tokio::task::yield_now().await;
        }
        let socket = &mut open[number as usize - 1];
        socket.send(Message::text("still here")).await.unwrap();
        assert_eq!(
            socket
                .next()
                .await
                .unwrap()
                .unwrap()
                .into_text()
                .unwrap()
                .as_str(),
            "still here"
        );
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(count.load(Ordering::Relaxed) >= 10_000 && two.count() > 0);
    assert_eq!(node.gateway.view().generation, 101);
}
