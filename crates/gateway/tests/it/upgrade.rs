//! WebSockets, HTTP/2 and gRPC.

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Node, Upstream, ok, simple, status};

/// An upstream that sends every message back.
pub(crate) async fn echo() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(socket) = tokio_tungstenite::accept_async(stream).await else {
                    return;
                };
                let (mut sink, mut source) = socket.split();
                while let Some(Ok(message)) = source.next().await {
                    if message.is_close() || sink.send(message).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn websockets_pass_both_ways() {
    let address = echo().await;
    let node = Node::start(&simple(address, "", "websocket = true"));
    let url = format!("ws://{}/chat", node.running.address());
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    for number in 0..100 {
        socket
            .send(Message::text(format!("message {number}")))
            .await
            .unwrap();
        let back = socket.next().await.unwrap().unwrap();
        assert_eq!(
            back.into_text().unwrap().as_str(),
            format!("message {number}")
        );
    }
    socket.close(None).await.unwrap();
    drop(socket);
    let event = node.event(|line| line["status"] == 101).await;
    assert!(event["bytes_in"].as_u64().unwrap() > 1000);
}

#[tokio::test]
async fn a_request_behind_a_declined_upgrade_is_a_request() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let node = Node::start(&simple(upstream.address, "", "websocket = true"));
    let upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    let answer = node
        .raw(
            format!("{upgrade}GET /two HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
                .as_bytes(),
        )
        .await;
    assert!(
        status(&answer) == 200 && answer.contains("HTTP/1.1 400"),
        "{answer}"
    );
    assert_eq!(upstream.count(), 1);
}

async fn http2_upstream() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|request: Request<Incoming>| async move {
                let bytes = request.into_body().collect().await.unwrap().to_bytes();
                let mut trailers = HeaderMap::new();
                trailers.insert("grpc-status", "0".parse().unwrap());
                let frames = [
                    Ok::<_, std::convert::Infallible>(Frame::data(bytes)),
                    Ok(Frame::trailers(trailers)),
                ];
                Ok::<_, std::convert::Infallible>(
                    Response::builder()
                        .header("content-type", "application/grpc")
                        .body(StreamBody::new(futures::stream::iter(frames)))
                        .unwrap(),
                )
            });
            tokio::spawn(
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    address
}

#[tokio::test]
async fn grpc_passes_with_its_trailers() {
    let address = http2_upstream().await;
    let node = Node::start(&simple(address, "protocol = \"h2c\"", ""));
    let stream = TcpStream::connect(node.running.address()).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let ask = |path: &str| {
        Request::post(format!("http://a{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Full::new(Bytes::from_static(b"hello")))
            .unwrap()
    };
    for _ in 0..3 {
        let answer = sender.send_request(ask("/pkg.Service/Call")).await.unwrap();
        assert_eq!(answer.status(), 200);
        let collected = answer.into_body().collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
        assert_eq!(collected.to_bytes(), "hello");
    }
    let refused = sender.send_request(ask("/a/%2e%2e/b")).await.unwrap();
    assert_eq!(refused.headers()["grpc-status"], "13");
    node.event(|line| line["protocol"] == "grpc" && line["status"] == 200)
        .await;
}
