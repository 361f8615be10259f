//! The WebSocket of `trunkline tail`.

use futures::StreamExt as _;
use reqwest::Url;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::Failure;
use crate::cli::Tail;
use trunkline_shell::{Client, of_body};

/// The platform sends something each 15 seconds; twice that without anything is a broken connection.
const SILENCE: Duration = Duration::from_secs(35);

/// Why no further frame comes.
pub(super) enum Lost {
    /// The platform said no, and will again.
    Refused(Failure),
    /// The connection broke or could not be made.
    Broken(String),
}

/// Frames of rows as they come.
pub(super) struct Frames(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Frames {
    /// Connects; from `next` where an earlier connection came that far.
    pub(super) async fn open(
        client: &Client,
        tail: &Tail,
        next: Option<u64>,
    ) -> Result<Self, Lost> {
        let url = address(client, tail, next).map_err(Lost::Refused)?;
        let mut request = url.as_str().into_client_request().map_err(lost)?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", client.place.token));
        let bearer = bearer.map_err(|_| {
            Lost::Refused(Failure::usage(
                "the token has characters that no token has",
                "look at TRUNKLINE_TOKEN",
            ))
        })?;
        request.headers_mut().insert("authorization", bearer);
        let connecting = timeout(SILENCE, connect_async(request));
        let (stream, _) = connecting
            .await
            .map_err(|_| Lost::Broken("no answer".into()))?
            .map_err(lost)?;
        Ok(Self(stream))
    }

    /// The next frame.
    pub(super) async fn next(&mut self) -> Result<Value, Lost> {
        loop {
            let message = timeout(SILENCE, self.0.next()).await;
            match message.map_err(|_| Lost::Broken("nothing came for a while".into()))? {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(text.as_str())
                        .map_err(|error| Lost::Broken(error.to_string()));
                }
                // Pings are answered by the protocol.
                Some(Ok(Message::Close(_))) | None => {
                    return Err(Lost::Broken("it was closed".into()));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(lost(error)),
            }
        }
    }
}

fn address(client: &Client, tail: &Tail, next: Option<u64>) -> Result<Url, Failure> {
    let mut url = client.url("/v1/tail")?;
    let from = next.map_or_else(|| tail.from.clone(), |next| next.to_string());
    url.query_pairs_mut().append_pair("from", &from);
    if !tail.table.is_empty() {
        url.query_pairs_mut()
            .append_pair("table", &tail.table.join(","));
    }
    if let Some(text) = &tail.contains {
        url.query_pairs_mut().append_pair("contains", text);
    }
    // An http URL always takes this.
    url.set_scheme("ws")
        .map_err(|()| Failure::usage("this is no address of a platform", "look at --server"))?;
    Ok(url)
}

fn lost(error: Error) -> Lost {
    match error {
        Error::Http(answer) if answer.status().as_u16() < 500 => {
            let body = answer.body().clone().unwrap_or_default();
            Lost::Refused(of_body(answer.status().as_u16(), &body))
        }
        other => Lost::Broken(other.to_string()),
    }
}
