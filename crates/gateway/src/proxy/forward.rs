//! To the upstream and back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header, request,
};
use http_body::Body;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use trunkline_model::code;

use super::answer::Failure;
use super::body::{DownBody, Passage, Proxied, UpBody};
use super::handle::{Connection, Passing, REQUEST_ID, is_websocket};
use super::send::{SendError, send};
use super::{contract, mirror, trace, tunnel};
use crate::file::RetryCause;
use crate::record::Record;
use crate::table::Route;
use crate::upstream::{ConnectError, InFlight, Sender, Upstream};
use trunkline_scrutiny::{Fate, clean_request, clean_response};

/// The most bytes of a body that are kept so that it can be sent again.
const MOST_REPLAY: u64 = 64 * 1024;

/// A request's head and body as they can be sent again.
struct Replay(request::Parts, Option<Bytes>);

impl Replay {
    fn request(&self) -> Request<UpBody> {
        Request::from_parts(
            self.0.clone(),
            self.1.clone().map_or(UpBody::Empty, UpBody::Full),
        )
    }
}

/// What an upstream answered.
struct Answered {
    response: Response<Incoming>,
    sender: Sender,
    place: InFlight,
}

type Failed = (Record, Failure);

/// Sends the request to an upstream of the route and hands its answer back.
pub(super) async fn forward(
    connection: &Arc<Connection>,
    mut passing: Passing,
    route: &Arc<Route>,
    mut parts: request::Parts,
    body: Incoming,
) -> Result<Response<DownBody>, Failed> {
    let mut body = (!body.is_end_stream()).then_some(body);
    let length = body.as_ref().and_then(|body| body.size_hint().exact());
    if length.is_some_and(|length| length > route.max_body) {
        return Err((passing.record, too_large(route).closing()));
    }
    let upgrade = route.rule.websocket
        && parts.version == Version::HTTP_11
        && is_websocket(&parts.headers)
        && parts.method == Method::GET;
    let on_upgrade = if upgrade {
        parts.extensions.remove::<OnUpgrade>()
    } else {
        None
    };
    passing.record.rewritten = route.rewritten(&passing.record.path);
    let read = match contract::check(&passing, route, &parts, &mut body).await {
        Ok(read) => read,
        Err(failure) => return Err((passing.record, failure)),
    };
    let asked = contract::Asked::of(route, &passing.record, &parts, read.as_ref());
    let upstream = route.choose(
        &passing.record.path,
        &parts.headers,
        passing.record.worker.chance(),
    );
    let upstream = Arc::clone(upstream);
    prepare(
        connection,
        &mut passing,
        route,
        &mut parts,
        on_upgrade.is_some(),
    );
    let replayable = body.is_none() && is_repeatable(&parts.method) && on_upgrade.is_none();
    let up_body = match (read, body, length) {
        (Some(bytes), _, _) => UpBody::Full(bytes),
        (None, None, _) => UpBody::Empty,
        (None, Some(incoming), _) => {
            let passage = Arc::new(Passage::default());
            passing.record.passage = Some(Arc::clone(&passage));
            UpBody::Stream {
                incoming,
                left: route.max_body,
                passage,
            }
        }
    };
    let request = Request::from_parts(parts, up_body);
    let (request, replay) = if replayable {
        repeatable(request)
    } else {
        (request, None)
    };
    passing.record.upstream = Some(Arc::clone(&upstream));
    passing.record.sent = Some(Instant::now());
    let copied = copy(&mut passing.record, route, &upstream, &replay);
    let answered = match attempts(&mut passing.record, route, &upstream, request, replay).await {
        Ok(answered) => answered,
        Err(failure) => return Err((passing.record, failure)),
    };
    passing.record.answered = Some(Instant::now());
    passing.record.status = answered.response.status().as_u16();
    if answered.response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return switch(connection, passing, &upstream, on_upgrade, answered);
    }
    let seen = Seen { copied, asked };
    Ok(hand_back(passing, route, &upstream, answered, seen))
}

fn too_large(route: &Route) -> Failure {
    Failure::new(
        &code::GATEWAY_BODY_TOO_LARGE,
        format!(
            "this route takes bodies of at most {} bytes",
            route.max_body
        ),
    )
}

fn is_repeatable(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE
    )
}

fn repeatable(request: Request<UpBody>) -> (Request<UpBody>, Option<Replay>) {
    let (parts, body) = request.into_parts();
    let bytes = match &body {
        UpBody::Empty => None,
        UpBody::Full(bytes) if bytes.len() as u64 <= MOST_REPLAY => Some(bytes.clone()),
        _ => return (Request::from_parts(parts, body), None),
    };
    let copy = parts.clone();
    (Request::from_parts(parts, body), Some(Replay(copy, bytes)))
}

/// Makes the upstream's request of the client's.
fn prepare(
    connection: &Connection,
    passing: &mut Passing,
    route: &Route,
    parts: &mut request::Parts,
    upgrade: bool,
) {
    let record = &mut passing.record;
    let headers = &mut parts.headers;
    if connection.protocol == "h2" {
        join_cookies(headers);
    }
    clean_request(
        headers,
        &connection.from,
        record.client,
        passing.authority.clone(),
    );
    headers.remove(header::EXPECT);
    if !route.rule.pass_credentials {
        trunkline_web::take_credentials(headers);
    }
    if upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    let worker = &record.worker;
    record.trace = Some(trace::Trace::join(
        headers,
        [worker.chance(), worker.chance(), worker.chance()],
    ));
    route.request_headers.apply(headers);
    headers.insert(header::HOST, passing.authority.clone());
    headers.insert(REQUEST_ID, passing.request_id.clone());
    headers.insert("x-trunkline-route", route.name_header.clone());
    if let Some(admitted) = &record.admitted {
        for (name, value) in admitted.headers() {
            headers.insert(name, value.clone());
        }
    }
    if passing.new_path || record.rewritten.is_some() {
        let path = record.service_path();
        let target = match parts.uri.query() {
            Some(query) => PathAndQuery::try_from(format!("{path}?{query}")),
            None => PathAndQuery::try_from(path),
        };
        if let Ok(target) = target {
            parts.uri = Uri::from(target);
        }
    }
    parts.version = Version::HTTP_11;
}

/// HTTP/2 lets a client send its cookies one by one; HTTP/1 does not.
fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(header::COOKIE).iter().nth(1).is_none() {
        return;
    }
    let parts: Vec<&[u8]> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if let Ok(joined) = HeaderValue::from_bytes(&parts.join(&b"; "[..])) {
        headers.insert(header::COOKIE, joined);
    }
}

fn copy(
    record: &mut Record,
    route: &Arc<Route>,
    upstream: &Upstream,
    replay: &Option<Replay>,
) -> Option<mirror::Copied> {
    let (mirror, replay) = (route.mirror.as_ref()?, replay.as_ref()?);
    if record.worker.chance() % 10_000 >= mirror.share || mirror.upstream.name == upstream.name {
        return None;
    }
    let copied = mirror::copy(
        &record.worker,
        &mirror.upstream,
        replay.request(),
        mirror.compare.then(|| route.name.clone()),
    );
    record.mirrored = copied.is_some();
    copied
}

/// How one try ended.
enum Tried {
    Answered(Answered),
    /// Failed; with the request, where nothing of it was sent, and whether a second try needs no budget.
    Failed {
        cause: RetryCause,
        failure: Failure,
        request: Option<Box<Request<UpBody>>>,
        free: bool,
    },
}

async fn attempts(
    record: &mut Record,
    route: &Route,
    upstream: &Arc<Upstream>,
    request: Request<UpBody>,
    replay: Option<Replay>,
) -> Result<Answered, Failure> {
    let rule = upstream.rule.retries.as_ref();
    let limit = route.timeout.unwrap_or(upstream.rule.timeout.0);
    let most = rule.map_or(1, |rule| rule.attempts);
    upstream.budget.earn();
    let (mut tried, mut free_used) = (0_u64, false);
    let mut next = Some(Box::new(request));
    let mut last = None;
    loop {
        let chance = record.worker.chance();
        // A target that was not tried comes first; where there is none, one that was may have a second chance.
        let chosen = upstream.choose(chance, tried).or_else(|| {
            if tried == 0 {
                None
            } else {
                upstream.choose(chance, 0)
            }
        });
        let (Some((place, entered)), Some(request)) = (chosen, next.take()) else {
            return Err(last.unwrap_or_else(|| unavailable(upstream)));
        };
        tried |= 1 << place;
        record.target = Some(Arc::clone(&entered.target));
        match attempt(record, upstream, entered, *request, limit).await {
            Tried::Answered(answered) => {
                let cause = cause_of(answered.response.status());
                match cause {
                    Some(_) => answered.place.target.failed(),
                    None => answered.place.target.succeeded(),
                }
                let again =
                    cause.is_some_and(|cause| rule.is_some_and(|rule| rule.on.contains(&cause)));
                if !again
                    || record.retries + 1 >= most
                    || replay.is_none()
                    || !upstream.budget.spend()
                {
                    return Ok(answered);
                }
                next = replay.as_ref().map(|replay| Box::new(replay.request()));
                record.retries += 1;
            }
            Tried::Failed {
                cause,
                failure,
                request,
                free,
            } => {
                next = request.or_else(|| replay.as_ref().map(|replay| Box::new(replay.request())));
                last = Some(failure);
                if free && !std::mem::replace(&mut free_used, true) {
                    continue;
                }
                let again = rule.is_some_and(|rule| rule.on.contains(&cause));
                if next.is_none()
                    || !again
                    || record.retries + 1 >= most
                    || !upstream.budget.spend()
                {
                    return Err(last.unwrap_or_else(|| unavailable(upstream)));
                }
                record.retries += 1;
            }
        }
    }
}

fn unavailable(upstream: &Upstream) -> Failure {
    let detail = format!(
        "no target of the upstream `{}` is well and has room",
        upstream.name
    );
    Failure::new(&code::GATEWAY_UPSTREAM_UNAVAILABLE, detail)
        .with(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

fn cause_of(status: StatusCode) -> Option<RetryCause> {
    match status.as_u16() {
        502 => Some(RetryCause::BadGateway),
        503 => Some(RetryCause::Unavailable),
        504 => Some(RetryCause::GatewayTimeout),
        _ => None,
    }
}

async fn attempt(
    record: &Record,
    upstream: &Upstream,
    place: InFlight,
    request: Request<UpBody>,
    limit: Duration,
) -> Tried {
    let sending = tokio::time::timeout(
        limit,
        send(&record.worker, upstream, &place.target, request),
    )
    .await;
    let error = match sending {
        Ok(Ok((response, sender))) => {
            return Tried::Answered(Answered {
                response,
                sender,
                place,
            });
        }
        Ok(Err(error)) => error,
        Err(_) => {
            place.target.failed();
            let failure = Failure::new(
                &code::GATEWAY_UPSTREAM_TIMEOUT,
                format!(
                    "the upstream `{}` did not answer in {limit:?}",
                    upstream.name
                ),
            );
            return Tried::Failed {
                cause: RetryCause::Timeout,
                failure,
                request: None,
                free: false,
            };
        }
    };
    if let Some(failure) = client_fault(record) {
        return Tried::Failed {
            cause: RetryCause::Connect,
            failure,
            request: None,
            free: false,
        };
    }
    tracing::debug!(
        upstream = upstream.name,
        target = place.target.url,
        ?error,
        "a try at an upstream failed"
    );
    match error {
        SendError::Unsent(error, request) => {
            place.target.failed();
            let (code, cause) = match error {
                ConnectError::Refused(_) => (&code::GATEWAY_ADDRESS_REFUSED, RetryCause::Connect),
                _ => (&code::GATEWAY_UPSTREAM_FAILED, RetryCause::Connect),
            };
            let failure = Failure::new(code, format!("the upstream `{}`: {error}", upstream.name));
            Tried::Failed {
                cause,
                failure,
                request: Some(request),
                free: false,
            }
        }
        SendError::Broken { error, reused } => {
            if !reused {
                place.target.failed();
            }
            let what = if error.is_parse() {
                "its answer is not well-formed"
            } else {
                "the connection ended before the answer"
            };
            let failure = Failure::new(
                &code::GATEWAY_UPSTREAM_FAILED,
                format!("the upstream `{}`: {what}", upstream.name),
            );
            Tried::Failed {
                cause: RetryCause::Connect,
                failure,
                request: None,
                free: reused,
            }
        }
    }
}

/// What the client did wrong while its body was under way.
fn client_fault(record: &Record) -> Option<Failure> {
    let passage = record.passage.as_ref()?;
    if passage.too_large() {
        return record
            .route
            .as_ref()
            .map(|route| too_large(route).closing());
    }
    if !passage.broken() {
        return None;
    }
    let state = record.connection_state();
    let failure = match state.refusal() {
        Some(why) => Failure::new(why.code(), why.to_string()),
        None if state.is_slow() => {
            Failure::new(&code::GATEWAY_BODY_SLOW, "the body came too slowly")
        }
        None => Failure::new(&code::GATEWAY_MALFORMED, "the body ended early"),
    };
    Some(failure.closing())
}

/// Who looks at an answer beside the client.
struct Seen {
    copied: Option<mirror::Copied>,
    asked: Option<contract::Asked>,
}

fn hand_back(
    mut passing: Passing,
    route: &Arc<Route>,
    upstream: &Upstream,
    answered: Answered,
    seen: Seen,
) -> Response<DownBody> {
    let (mut parts, incoming) = answered.response.into_parts();
    let capture = seen.copied.and_then(|copied| copied.capture(&parts));
    let witness = seen
        .asked
        .map(|asked| contract::Witness::of(route, &passing.record, asked, &parts));
    parts.version = Version::HTTP_11;
    parts.extensions.clear();
    answer_headers(&mut passing, route, &mut parts.headers);
    let proxied = Proxied {
        incoming,
        sender: Some(answered.sender),
        place: answered.place,
        record: passing.record,
        idle: upstream.rule.idle_timeout.0,
        timer: None,
        capture,
        witness,
    };
    Response::from_parts(parts, DownBody::Proxied(Box::new(proxied)))
}

fn answer_headers(passing: &mut Passing, route: &Route, headers: &mut HeaderMap) {
    clean_response(headers);
    route.response_headers.apply(headers);
    if let Some(cors) = &route.cors {
        cors.answer(passing.origin.take(), headers);
    }
    headers.extend(
        passing
            .limit_headers
            .drain(..)
            .map(|(name, value)| (Some(name), value)),
    );
}

/// Joins the client and the upstream after a 101.
fn switch(
    connection: &Connection,
    passing: Passing,
    upstream: &Upstream,
    client: Option<OnUpgrade>,
    mut answered: Answered,
) -> Result<Response<DownBody>, Failed> {
    let websocket = is_websocket(answered.response.headers());
    let (Some(client), true) = (client, websocket) else {
        return Err((
            passing.record,
            Failure::new(
                &code::GATEWAY_UPSTREAM_FAILED,
                "the upstream switched protocols without being asked",
            ),
        ));
    };
    let other = hyper::upgrade::on(&mut answered.response);
    let mut response = Response::new(DownBody::Full(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = std::mem::take(answered.response.headers_mut());
    clean_response(response.headers_mut());
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    response
        .headers_mut()
        .insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    connection.state.decide(Fate::Upgraded);
    tunnel::join(
        client,
        other,
        upstream.rule.idle_timeout.0,
        passing.record,
        answered.place,
    );
    Ok(response)
}
