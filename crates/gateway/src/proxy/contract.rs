//! Whether a request and its answer keep to the service's document.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, header, request, response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use trunkline_model::{catalogue, code};

use super::answer::Failure;
use super::handle::Passing;
use crate::file::ContractMode;
use crate::port::{AnswerAsk, CheckAsk};
use crate::record::Record;
use crate::table::Route;

/// The event type of what does not keep to a document.
const VIOLATED: &str = catalogue::GATEWAY_CONTRACT_VIOLATED;

/// The most bytes of an answer's body that are kept for the check.
const MOST_ANSWER: usize = 256 * 1024;

/// The service whose document holds on a route.
fn service(route: &Route) -> Option<&str> {
    let contract = route.rule.contract.as_ref();
    let contract = contract.filter(|_| route.contract != ContractMode::Off)?;
    Some(&contract.service)
}

/// Checks the request against its contract. Hands back the body, if the check had to read it.
pub(super) async fn check(
    passing: &Passing,
    route: &Route,
    parts: &request::Parts,
    body: &mut Option<Incoming>,
) -> Result<Option<Bytes>, Failure> {
    let Some(service) = service(route) else {
        return Ok(None);
    };
    let record = &passing.record;
    let port = &record.worker.core.ports.check;
    let ask = CheckAsk {
        service,
        method: &parts.method,
        path: record.service_path(),
        query: parts.uri.query(),
        headers: &parts.headers,
    };
    let enforced = route.contract == ContractMode::Enforce;
    if enforced && !port.knows(service) {
        return Err(Failure::new(
            &code::GATEWAY_NO_CONTRACT,
            format!("there is no document of the service `{service}` that could be enforced"),
        ));
    }
    let length = body
        .as_ref()
        .and_then(|body| http_body::Body::size_hint(body).exact());
    // Where nothing is refused, a body of unknown or great length is streamed, not kept. Where it is, nobody gets round the document by
    // not saying how long a body is.
    let wanted = port
        .wants_body(&ask)
        .filter(|&most| enforced || length.is_some_and(|length| length <= most as u64));
    let without = body.is_none();
    let read = match (wanted, body.take()) {
        (Some(most), Some(incoming)) => {
            let most = most.min(usize::try_from(route.max_body).unwrap_or(most));
            Some(read(incoming, most).await?)
        }
        (_, kept) => {
            *body = kept;
            None
        }
    };
    let findings = port.request(&ask, read.as_deref().or(without.then_some(&[])));
    let Some(finding) = findings.first() else {
        return Ok(read);
    };
    tell(record, service, &parts.method, None, enforced, &findings);
    if enforced {
        return Err(Failure::new(
            &code::GATEWAY_CONTRACT,
            format!("{finding} ({} in all)", findings.len()),
        ));
    }
    Ok(read)
}

/// All of a body, which may have `most` bytes.
async fn read(incoming: Incoming, most: usize) -> Result<Bytes, Failure> {
    match Limited::new(incoming, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Failure::new(
            &code::GATEWAY_BODY_TOO_LARGE,
            format!("a body that is held against a document has at most {most} bytes"),
        )
        .closing()),
        Err(_) => Err(Failure::new(&code::GATEWAY_MALFORMED, "the body ended early").closing()),
    }
}

/// What of a request is needed once its answer is there.
#[derive(Debug)]
pub(super) struct Asked {
    query: Option<String>,
    /// The media type and the body, where the check read it.
    request: Option<(String, Bytes)>,
}

impl Asked {
    /// The request `parts`, whose body was `read`; nothing where nobody will look at its answer.
    pub(super) fn of(
        route: &Route,
        record: &Record,
        parts: &request::Parts,
        read: Option<&Bytes>,
    ) -> Option<Self> {
        let learns = || route.service().is_some() && record.worker.core.ports.check.learns();
        if service(route).is_none() && !learns() {
            return None;
        }
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Some(Self {
            query: parts.uri.query().map(str::to_owned),
            request: read.map(|body| (kind.to_owned(), body.clone())),
        })
    }
}

/// Keeps an answer on its way to the client and holds it against the document once it is whole. Never holds the answer back.
#[derive(Debug)]
pub(crate) struct Witness {
    route: Arc<Route>,
    method: Method,
    asked: Asked,
    status: u16,
    headers: HeaderMap,
    /// Nothing where the body is not JSON, or was longer than is kept.
    bytes: Option<Vec<u8>>,
}

impl Witness {
    /// A witness of the answer `parts`, as the upstream gave it, to what was `asked`.
    pub(super) fn of(
        route: &Arc<Route>,
        record: &Record,
        asked: Asked,
        parts: &response::Parts,
    ) -> Box<Self> {
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let json = kind
            .and_then(|kind| kind.to_str().ok())
            .is_none_or(|kind| kind.to_ascii_lowercase().contains("json"));
        let plain = !parts.headers.contains_key(header::CONTENT_ENCODING);
        // Without a document, an answer's shape is nobody's business.
        let documented = service(route).is_some();
        Box::new(Self {
            route: Arc::clone(route),
            method: record.method.clone(),
            asked,
            status: parts.status.as_u16(),
            headers: parts.headers.clone(),
            bytes: (json && plain && documented).then(Vec::new),
        })
    }

    pub(super) fn push(&mut self, data: &Bytes) {
        let Some(bytes) = &mut self.bytes else {
            return;
        };
        if bytes.len() + data.len() > MOST_ANSWER {
            self.bytes = None;
        } else {
            bytes.extend_from_slice(data);
        }
    }

    /// The answer came to its end: what does not fit becomes an event.
    pub(super) fn finish(self, record: &Record) {
        let documented = service(&self.route).is_some();
        let Some(service) = self.route.service() else {
            return;
        };
        let request = self.asked.request.as_ref();
        let findings = record.worker.core.ports.check.answer(
            &AnswerAsk {
                service: self::service(&self.route).unwrap_or(service),
                method: &self.method,
                path: record.service_path(),
                query: self.asked.query.as_deref(),
                request: request.map(|(kind, body)| (kind.as_str(), body.as_ref())),
                status: self.status,
                headers: &self.headers,
            },
            self.bytes.as_deref(),
        );
        if documented && !findings.is_empty() {
            let status = Some(self.status);
            tell(record, service, &self.method, status, false, &findings);
        }
    }
}

/// Writes an event of what a request (or, with `status`, its answer) does against the service's document: for each client the first of
/// a second, with the count of those that were passed over before.
fn tell(
    record: &Record,
    service: &str,
    method: &Method,
    status: Option<u16>,
    enforced: bool,
    findings: &[String],
) {
    let second = record.time().as_micros() / 1_000_000;
    let side = if status.is_some() {
        "answer"
    } else {
        "request"
    };
    let Some(skipped) = record.worker.refusal(record.client, side, second) else {
        return;
    };
    let data = serde_json::json!({
        "time": record.time(),
        "route": record.route.as_ref().map(|route| &route.name),
        "service": service,
        "side": side,
        "method": method.as_str(),
        "path": record.service_path(),
        "status": status,
        "enforced": enforced,
        "findings": findings,
        "repeated": skipped + 1,
    });
    let mut line = data.to_string();
    line.push('\n');
    record.worker.core.ports.sink.take(VIOLATED, line.into());
}
