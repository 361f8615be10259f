//! The way of a request through the gateway.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header,
    request,
};
use hyper::body::Incoming;
use trunkline_model::code;

use super::answer::Failure;
use super::body::DownBody;
use super::{admit, forward};
use crate::record::Record;
use crate::table::Found;
use crate::worker::Worker;
use trunkline_scrutiny::{ConnectionState, Fate, ForwardFor, check_request};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the requests of one connection share.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) worker: Arc<Worker>,
    pub(crate) state: Arc<ConnectionState>,
    pub(crate) from: ForwardFor,
    pub(crate) peer: IpAddr,
    pub(crate) protocol: &'static str,
}

/// What became known of a request before it is sent on.
#[derive(Debug)]
pub(super) struct Passing {
    pub(super) record: Record,
    pub(super) authority: HeaderValue,
    pub(super) request_id: HeaderValue,
    /// Headers that the limits put into the answer.
    pub(super) limit_headers: Vec<(HeaderName, HeaderValue)>,
    /// The origin that may read the answer.
    pub(super) origin: Option<HeaderValue>,
    /// Whether the path is not the one that the client wrote.
    pub(super) new_path: bool,
}

/// Answers one request.
pub(crate) async fn handle(
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<DownBody>, Infallible> {
    let (parts, body) = request.into_parts();
    let upgrading = parts.version != Version::HTTP_2 && is_websocket(&parts.headers);
    let grpc = is_grpc(&parts.headers);
    let mut record = Record::new(&connection, parts.method.clone());
    record.protocol = match (upgrading, grpc) {
        (true, _) => Some("websocket"),
        (_, true) => Some("grpc"),
        _ => None,
    };
    let request_id = connection.worker.request_id(record.time().as_micros());
    let mut response = match begin(&connection, record, parts, body, &request_id).await {
        Ok(response) => response,
        Err((mut record, failure)) => {
            record.refusal = Some(failure.code.code);
            let response = failure.answer(grpc, &request_id);
            record.status = failure_status(&response, grpc, &record);
            record.finish();
            response
        }
    };
    if upgrading && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        connection.state.decide(Fate::Declined);
    }
    response.headers_mut().insert(REQUEST_ID, request_id);
    Ok(response)
}

/// The status that the event shows: a gRPC failure travels in a 200.
fn failure_status(response: &Response<DownBody>, grpc: bool, record: &Record) -> u16 {
    if !grpc {
        return response.status().as_u16();
    }
    record
        .refusal
        .and_then(code::find)
        .map_or(500, |entry| entry.status)
}

type Failed = (Record, Failure);

async fn begin(
    connection: &Arc<Connection>,
    mut record: Record,
    parts: request::Parts,
    body: Incoming,
    request_id: &HeaderValue,
) -> Result<Response<DownBody>, Failed> {
    if parts.method.as_str() == "REFUSED"
        && let Some(why) = connection.state.refusal()
    {
        record.path.clear();
        return Err((record, Failure::new(why.code(), why.to_string()).closing()));
    }
    if let Some(proof) = connection.worker.core.challenges.answer(parts.uri.path()) {
        parts.uri.path().clone_into(&mut record.path);
        record.status = StatusCode::OK.as_u16();
        record.finish();
        return Ok(Response::new(DownBody::Full(proof.into())));
    }
    match route(connection, &mut record, &parts) {
        Ok((authority, new_path)) => {
            let passing = Passing {
                record,
                authority,
                request_id: request_id.clone(),
                limit_headers: Vec::new(),
                origin: None,
                new_path,
            };
            pass(connection, passing, parts, body).await
        }
        Err(failure) => Err((record, failure)),
    }
}

/// Reads where the request wants to go and finds its route; the host as it came, and whether the path is a new one.
fn route(
    connection: &Connection,
    record: &mut Record,
    parts: &request::Parts,
) -> Result<(HeaderValue, bool), Failure> {
    let core = &connection.worker.core;
    let target = check_request(parts, &core.head)
        .map_err(|why| Failure::new(why.code(), why.to_string()))?;
    record.path = target.path.as_ref().to_owned();
    record.user_agent = parts.headers.get(header::USER_AGENT).cloned();
    record.client = connection
        .from
        .client(&parts.headers, &core.trusted_proxies);
    let table = core.table.load();
    match table.find(&target.host, &target.path, &parts.method, &parts.headers) {
        Found::Route(route) => record.route = Some(Arc::clone(route)),
        // A preflight asks about another method than its own.
        Found::Method(_) if parts.method == Method::OPTIONS => {
            let asked = parts.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD);
            let method = asked.and_then(|value| Method::from_bytes(value.as_bytes()).ok());
            match method
                .map(|method| table.find(&target.host, &target.path, &method, &parts.headers))
            {
                Some(Found::Route(route)) if route.cors.is_some() => {
                    record.route = Some(Arc::clone(route));
                }
                _ => {
                    return Err(Failure::new(
                        &code::GATEWAY_METHOD,
                        "no route takes OPTIONS at this path",
                    ));
                }
            }
        }
        Found::Method(methods) => {
            let allow = methods
                .iter()
                .map(Method::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            let failure = Failure::new(&code::GATEWAY_METHOD, format!("this path takes {allow}"));
            return Err(match HeaderValue::try_from(allow) {
                Ok(allow) => failure.with(header::ALLOW, allow),
                Err(_) => failure,
            });
        }
        Found::Nothing => {
            return Err(Failure::new(
                &code::GATEWAY_NO_ROUTE,
                "no route takes this host and path",
            ));
        }
    }
    let new_path =
        matches!(target.path, std::borrow::Cow::Owned(_)) || parts.uri.authority().is_some();
    let host = parts.headers.get(header::HOST).cloned();
    let authority = match host {
        Some(host) => host,
        None => HeaderValue::try_from(target.authority)
            .map_err(|_| Failure::new(&code::GATEWAY_MALFORMED, "there is no host"))?,
    };
    Ok((authority, new_path))
}

async fn pass(
    connection: &Arc<Connection>,
    mut passing: Passing,
    parts: request::Parts,
    body: Incoming,
) -> Result<Response<DownBody>, Failed> {
    let Some(route) = passing.record.route.clone() else {
        return Err((
            passing.record,
            Failure::new(&code::GATEWAY_NO_ROUTE, "no route takes this host and path"),
        ));
    };
    if let Some(cors) = &route.cors {
        if let Some(headers) = cors.preflight(&parts) {
            let mut response = Response::new(DownBody::Full(bytes::Bytes::new()));
            *response.status_mut() = StatusCode::NO_CONTENT;
            *response.headers_mut() = headers;
            passing.record.status = 204;
            passing.record.finish();
            return Ok(response);
        }
        passing.origin = cors.allowed(&parts.headers);
    }
    if let Err(failure) = admit::admit(&mut passing, &route, &parts).await {
        let mut failure = failure.with_all(passing.limit_headers);
        // A script has to be able to read why it was refused.
        if let Some(cors) = &route.cors {
            failure = failure.with_cors(cors, passing.origin);
        }
        return Err((passing.record, failure));
    }
    forward::forward(connection, passing, &route, parts, body).await
}

pub(super) fn is_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}
