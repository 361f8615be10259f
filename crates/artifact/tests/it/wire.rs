//! Downloads over a real connection.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use trunkline_model::{Role, SeededIds};
use trunkline_web::{Kit, WebConfig};

use crate::support::{BASE, Node, image};

/// Serves the platform's routes as the binary does.
async fn serve(node: &Node) -> SocketAddr {
    let clock = Arc::clone(&node.clock) as _;
    let kit = Kit::new(clock, Arc::new(SeededIds::new(9)), &WebConfig::default());
    let router = kit.wrap(node.router(Role::Operator));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A device that asks for a link, and has read the head of the answer.
async fn ask(address: SocketAddr, method: &str, link: &str, headers: &str) -> (TcpStream, String) {
    let path = link.strip_prefix(BASE).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    (stream, String::from_utf8(head).unwrap().to_lowercase())
}

async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut body = Vec::new();
    stream.read_to_end(&mut body).await.unwrap();
    body
}

fn link(node: &Node) -> String {
    let now = trunkline_model::Clock::now(&*node.clock);
    node.artifacts.link("pump-7", "pump", "1", now).unwrap().url
}

#[tokio::test]
async fn an_interrupted_download_goes_on_where_it_ended() {
    let node = Node::new().await;
    let image = image(3_000_000);
    let tag = node.add("pump@1", &image).await["sha256"]
        .as_str()
        .unwrap()
        .to_owned();
    let address = serve(&node).await;
    let link = link(&node);
    let mut got: Vec<u8> = Vec::new();
    let mut parts = 0;
    while got.len() < image.len() {
        let resume = format!("range: bytes={}-\r\nif-range: \"{tag}\"\r\n", got.len());
        let (mut stream, head) = ask(address, "GET", &link, &resume).await;
        assert!(head.starts_with("http/1.1 206"), "{head}");
        let range = format!("content-range: bytes {}-2999999/3000000", got.len());
        assert!(head.contains(&range), "{head}");
        // The cable is pulled after a while, wherever that is.
        let mut some = vec![0; 700_001.min(image.len() - got.len())];
        stream.read_exact(&mut some).await.unwrap();
        got.append(&mut some);
        parts += 1;
    }
    assert!(parts > 4 && got == image);
    let (stream, head) = ask(
        address,
        "GET",
        &link,
        &format!("range: bytes={}-\r\n", got.len()),
    )
    .await;
    assert!(
        head.starts_with("http/1.1 416") && head.contains("content-range: bytes */3000000"),
        "{head}"
    );
    drop(stream);
}

#[tokio::test]
async fn the_length_is_known_before_the_content() {
    let node = Node::new().await;
    let image = image(200_000);
    node.add("pump@1", &image).await;
    let address = serve(&node).await;
    let (stream, head) = ask(address, "GET", &link(&node), "").await;
    assert!(
        head.starts_with("http/1.1 200") && head.contains("content-length: 200000"),
        "{head}"
    );
    assert!(
        !head.contains("transfer-encoding") && head.contains("x-content-type-options: nosniff"),
        "{head}"
    );
    assert_eq!(rest(stream).await, image);
    let (stream, head) = ask(address, "HEAD", &link(&node), "").await;
    assert!(
        head.starts_with("http/1.1 200") && head.contains("content-length: 200000"),
        "{head}"
    );
    assert!(rest(stream).await.is_empty());
}

#[tokio::test]
async fn a_file_that_became_shorter_is_a_broken_transfer() {
    let node = Node::new().await;
    let sha256 = node.add("pump@1", &image(400_000)).await["sha256"]
        .as_str()
        .unwrap()
        .to_owned();
    std::fs::write(node.folder().join(sha256), image(100_000)).unwrap();
    let (mut stream, head) = ask(serve(&node).await, "GET", &link(&node), "").await;
    assert!(head.contains("content-length: 400000"), "{head}");
    let mut body = Vec::new();
    // Whether the end is an error or not, it is no whole.
    drop(stream.read_to_end(&mut body).await);
    assert!(body.len() <= 100_000);
}
