//! A copy of a request for another upstream, and what its answer has in common with the real one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, header, response};
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::UpBody;
use super::send::send;
use crate::upstream::Upstream;
use crate::worker::Worker;

/// The event type of a comparison.
const COMPARED: &str = trunkline_model::catalogue::GATEWAY_MIRROR_COMPARED;

/// The most bytes of a body that are compared.
const MOST_BODY: usize = 64 * 1024;

/// The most copies under way in one worker.
const MOST_COPIES: usize = 256;

/// An answer, as far as it is compared.
#[derive(Debug)]
struct Answer {
    status: u16,
    content_type: String,
    /// Nothing where it was too long or ended early.
    body: Option<Bytes>,
}

/// Keeps the real answer on its way to the client.
#[derive(Debug)]
pub(crate) struct Capture {
    answer: Answer,
    bytes: Vec<u8>,
    too_long: bool,
    to: oneshot::Sender<Answer>,
}

impl Capture {
    pub(crate) fn push(&mut self, data: &Bytes) {
        self.too_long |= self.bytes.len() + data.len() > MOST_BODY;
        if !self.too_long {
            self.bytes.extend_from_slice(data);
        }
    }

    pub(crate) fn finish(mut self) {
        self.answer.body = (!self.too_long).then(|| self.bytes.into());
        drop(self.to.send(self.answer));
    }
}

/// A copy that was sent; waits for the real answer.
#[derive(Debug)]
pub(crate) struct Copied(Option<oneshot::Sender<Answer>>);

impl Copied {
    /// What keeps the real answer, where it is compared.
    pub(crate) fn capture(self, parts: &response::Parts) -> Option<Capture> {
        let answer = Answer {
            status: parts.status.as_u16(),
            content_type: content_type(&parts.headers),
            body: None,
        };
        Some(Capture {
            answer,
            bytes: Vec::new(),
            too_long: false,
            to: self.0?,
        })
    }
}

fn content_type(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// Sends `request` to the mirror beside the real one.
pub(crate) fn copy(
    worker: &Arc<Worker>,
    upstream: &Arc<Upstream>,
    request: Request<UpBody>,
    compare: Option<String>,
) -> Option<Copied> {
    let permit = Arc::clone(&worker.copies).try_acquire_owned().ok()?;
    let (to, from) = oneshot::channel();
    let compared = compare.is_some();
    let (worker, upstream) = (Arc::clone(worker), Arc::clone(upstream));
    tokio::spawn(async move {
        let limit = upstream.rule.timeout.0 + Duration::from_secs(5);
        let line =
            tokio::time::timeout(limit, run(&worker, &upstream, request, compare, from)).await;
        if let Ok(Some(line)) = line {
            let mut text = line.to_string();
            text.push('\n');
            worker.core.ports.sink.take(COMPARED, text.into());
        }
        drop(permit);
    });
    Some(Copied(compared.then_some(to)))
}

/// The most copies of one worker.
pub(crate) const fn most_copies() -> usize {
    MOST_COPIES
}

async fn run(
    worker: &Worker,
    upstream: &Upstream,
    request: Request<UpBody>,
    compare: Option<String>,
    real: oneshot::Receiver<Answer>,
) -> Option<Value> {
    let (_, place) = upstream.choose(worker.chance(), 0)?;
    let mirrored = match send(worker, upstream, &place.target, request).await {
        Ok((response, _)) => {
            place.target.succeeded();
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MOST_BODY)
                .collect()
                .await
                .ok()
                .map(http_body_util::Collected::to_bytes);
            Some(Answer {
                status: parts.status.as_u16(),
                content_type: content_type(&parts.headers),
                body,
            })
        }
        Err(_) => {
            place.target.failed();
            None
        }
    };
    let route = compare?;
    let real = real.await.ok()?;
    Some(compared(&route, &upstream.name, &real, mirrored.as_ref()))
}

fn compared(route: &str, upstream: &str, real: &Answer, mirrored: Option<&Answer>) -> Value {
    let status = mirrored.is_some_and(|answer| answer.status == real.status);
    let kind = mirrored.is_some_and(|answer| answer.content_type == real.content_type);
    let body =
        mirrored.and_then(|answer| Some(same_body(real.body.as_ref()?, answer.body.as_ref()?)));
    json!({
        "route": route, "upstream": upstream, "status": real.status, "mirror_status": mirrored.map(|answer| answer.status),
        "same_status": status, "same_type": kind, "same_body": body, "same": status && kind && body != Some(false),
    })
}

/// Equal bytes, or JSON that says the same in another order.
fn same_body(left: &Bytes, right: &Bytes) -> bool {
    if left == right {
        return true;
    }
    match (
        serde_json::from_slice::<Value>(left),
        serde_json::from_slice::<Value>(right),
    ) {
        (Ok(left), Ok(right)) => left == right,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            status,
            content_type: "application/json".into(),
            body: Some(Bytes::from_static(body.as_bytes())),
        }
    }

    #[test]
    fn json_is_compared_by_what_it_says() {
        let same =
            |left: &Answer, right: &Answer| compared("r", "u", left, Some(right))["same"] == true;
        assert!(same(
            &answer(200, r#"{"a":1,"b":[2]}"#),
            &answer(200, r#"{ "b": [2], "a": 1 }"#)
        ));
        assert!(!same(&answer(200, "{}"), &answer(200, "[]")));
        assert!(!same(&answer(200, "{}"), &answer(500, "{}")));
        assert_eq!(compared("r", "u", &answer(200, "{}"), None)["same"], false);
    }
}
