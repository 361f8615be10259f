//! MQTT over WebSocket, beside the console and the API: for browsers, and for networks that let nothing else through.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::{Bytes, BytesMut};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use trunkline_mqtt::Peer;
use trunkline_web::ClientAddress;

use crate::Hub;

/// The path that clients take where nobody tells them another.
const PATH: &str = "/mqtt";
/// What the standard says to call it; the second is what clients of version 3.1 say.
const PROTOCOLS: [&str; 2] = ["mqtt", "mqttv3.1"];
/// Bytes between the socket and the broker, each way.
const BETWEEN: usize = 16 * 1024;

/// The route of MQTT over WebSocket. It stands in the open: a client says in its CONNECT who it is, as it does on every port of the broker.
pub fn open_routes(hub: Arc<Hub>) -> Router {
    Router::new().route(PATH, get(upgrade)).with_state(hub)
}

async fn upgrade(
    State(hub): State<Arc<Hub>>,
    ClientAddress(address): ClientAddress,
    upgrade: WebSocketUpgrade,
) -> Response {
    let (Some(broker), Some(seat)) = (hub.broker().cloned(), hub.seats().take(address)) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let Some(arrival) = broker.arrive(address) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let upgrade = upgrade
        .protocols(PROTOCOLS)
        .max_message_size(hub.packet_bytes());
    if upgrade.selected_protocol().is_none() {
        // Without the protocol's name this is no MQTT client.
        return StatusCode::BAD_REQUEST.into_response();
    }
    upgrade.on_upgrade(move |socket| async move {
        let (ours, theirs) = tokio::io::duplex(BETWEEN);
        let peer = Peer {
            address,
            certificate: None,
        };
        let (sink, stream) = socket.split();
        let (read, write) = tokio::io::split(ours);
        tokio::join!(
            broker.serve(theirs, peer, arrival),
            out(read, sink),
            into(stream, write),
        );
        drop(seat);
    })
}

/// What the broker says, until it says no more.
async fn out(mut read: ReadHalf<DuplexStream>, mut sink: SplitSink<WebSocket, Message>) {
    let mut bytes = BytesMut::new();
    while let Ok(1..) = read.read_buf(&mut bytes).await {
        let message = Message::Binary(bytes.split().freeze());
        if sink.send(message).await.is_err() {
            break;
        }
    }
    drop(sink.close().await);
}

/// What the client says, until it says no more. A packet may lie in several messages, and several packets in one.
async fn into(mut stream: SplitStream<WebSocket>, mut write: WriteHalf<DuplexStream>) {
    while let Some(Ok(message)) = stream.next().await {
        let bytes: Bytes = match message {
            Message::Binary(bytes) => bytes,
            // The standard wants the end of who speaks in texts.
            Message::Text(_) | Message::Close(_) => break,
            Message::Ping(_) | Message::Pong(_) => continue,
        };
        if write.write_all(&bytes).await.is_err() {
            return;
        }
    }
    drop(write.shutdown().await);
}
