//! The route `/v1/tail`.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::{SinkExt, StreamExt, stream};
use trunkline_log::LogError;
use trunkline_model::action;
use trunkline_web::{Caller, Problem, Query, Reply};

use super::feed::{Feed, TailFrame};
use super::request::TailRequest;
use crate::sight::OwnSight;
use crate::{Api, ApiError};

/// Follows the log: a frame of rows at a time, as a WebSocket, or as server-sent events where `Accept` says so.
///
/// Whoever asks again from the last frame's `next` (or with `Last-Event-ID`) misses nothing and sees nothing twice.
#[utoipa::path(
    get, path = "/v1/tail", tag = "tail", operation_id = "followLog", params(TailRequest),
    responses(
        (status = 200, description = "Frames as server-sent events", body = TailFrame, content_type = "text/event-stream"),
        (status = 101, description = "Frames as WebSocket messages"),
        (status = 410, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn follow(
    State(api): State<Api>,
    caller: Caller,
    Query(wanted): Query<TailRequest>,
    headers: HeaderMap,
    request: Request,
) -> Reply<Response> {
    caller.require(&action::EVENT_TAIL, "")?;
    let permit = Arc::clone(&api.tails)
        .try_acquire_owned()
        .map_err(|_| ApiError::TooManyTails(api.config.max_tails))?;
    let bounds = api.log.bounds();
    let last_seen = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let from = wanted.start(last_seen, bounds)?;
    if from < bounds.first {
        return Err(LogError::Gone {
            wanted: from,
            first: bounds.first,
        }
        .into());
    }
    let feed = Feed::new(&api, from, wanted.filter(), OwnSight::of(&caller), permit);
    let events = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"));
    if events {
        return Ok(server_sent(feed));
    }
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|rejection| {
            Problem::new(&trunkline_model::code::WEB_PARAMETER, rejection.body_text())
        })?;
    Ok(upgrade.on_upgrade(move |socket| serve(socket, feed)))
}

fn server_sent(feed: Feed) -> Response {
    let frames = stream::unfold(Some(feed), |feed| async move {
        let mut feed = feed?;
        let (event, feed) = match feed.next().await {
            Ok(frame) => (event(&frame), Some(feed)),
            Err(problem) => (Event::default().event("problem").json_data(problem), None),
        };
        Some((event, feed))
    });
    Sse::new(frames).into_response()
}

fn event(frame: &TailFrame) -> Result<Event, axum::Error> {
    // The id is the offset before the next one, so that a browser's `Last-Event-ID` leads to exactly there.
    let event = match frame.next.checked_sub(1) {
        Some(last) => Event::default().id(last.to_string()),
        None => Event::default(),
    };
    event.json_data(frame)
}

async fn serve(socket: WebSocket, mut feed: Feed) {
    let (mut send, mut receive) = socket.split();
    loop {
        let frame = {
            let mut next = std::pin::pin!(feed.next());
            // The frame in the making is kept while the client speaks: dropping it would lose its rows.
            loop {
                tokio::select! {
                    frame = &mut next => break frame,
                    // Pings are answered by the protocol; all else that a client says is that it goes.
                    message = receive.next() => match message {
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                        Some(Ok(_)) => {}
                    }
                }
            }
        };
        let (message, last) = match frame {
            Ok(frame) => (
                Message::text(serde_json::to_string(&frame).unwrap_or_default()),
                false,
            ),
            Err(problem) => (farewell(&problem), true),
        };
        if send.send(message).await.is_err() || last {
            return;
        }
    }
}

/// Ends the connection with the problem's code, as far as a close frame has room for it.
fn farewell(problem: &Problem) -> Message {
    let reason = format!("{}: {}", problem.code(), problem.detail());
    Message::Close(Some(CloseFrame {
        code: close_code::ERROR,
        reason: reason.chars().take(100).collect::<String>().into(),
    }))
}
