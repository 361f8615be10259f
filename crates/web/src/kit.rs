//! The layers around every request: id, log, limits, caught panics and security headers.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{Instrument, Span};
use trunkline_model::{Clock, IdGen, code};

use crate::request_id::REQUEST_ID;
use crate::{Problem, RequestId, WebConfig};

/// Headers that every answer has unless its handler set them itself.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("frame-ancestors 'none'"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Puts the common layers around a router.
#[derive(Clone, Debug)]
pub struct Kit {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    max_body_bytes: usize,
    timeout: Duration,
}

impl Kit {
    /// A kit with the limits of `config`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdGen>, config: &WebConfig) -> Self {
        Self {
            clock,
            ids,
            max_body_bytes: config.max_body_bytes,
            timeout: Duration::from_secs(config.request_timeout_seconds),
        }
    }

    /// Gives every answer of `router` a request id, security headers and a line in the log; a panic becomes `TL-WEB-007`.
    ///
    /// Bodies are limited where the routes do not set a `DefaultBodyLimit` of their own. Call it last, once.
    pub fn wrap(&self, router: Router) -> Router {
        router
            .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| {
                panic_problem(&*panic).into_response()
            }))
            .layer(DefaultBodyLimit::max(self.max_body_bytes))
            .layer(from_fn_with_state(self.clone(), attend))
    }

    /// Lets a request to `router` take no longer than the configuration allows; then `TL-WEB-008`.
    ///
    /// Not part of [`Self::wrap`], since SQL and uploads keep their own time.
    pub fn timed<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.layer(from_fn_with_state(self.timeout, limit_time))
    }
}

fn panic_problem(panic: &(dyn Any + Send)) -> Problem {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a value that is not text");
    tracing::error!(panic = message, "a handler panicked");
    Problem::new(&code::WEB_INTERNAL, "the handler of this address panicked")
}

async fn limit_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("it took longer than {} s", limit.as_secs_f32());
            Problem::new(&code::WEB_TIMEOUT, detail).into_response()
        }
    }
}

async fn attend(State(kit): State<Kit>, mut request: Request, next: Next) -> Response {
    let id = RequestId::accept_or_make(request.headers(), &*kit.clock, &*kit.ids);
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let span = request_span(&request, &id);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    finish_problem(&mut response, &id, &method);
    report(&span, &response, started.elapsed());
    add_headers(response.headers_mut(), id);
    response
}

/// Only the route's pattern is written down: a path may hold a name, and a query string anything.
fn request_span(request: &Request, id: &RequestId) -> Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    tracing::info_span!(
        "request",
        request_id = id.as_str(),
        method = request.method().as_str(),
        route,
        principal = tracing::field::Empty,
    )
}

/// Writes the request's id into the problem document, if the answer is one.
fn finish_problem(response: &mut Response, id: &RequestId, method: &Method) {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else {
        return;
    };
    problem.set_request_id(id.as_str());
    let json = problem.to_json();
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(json.len()));
    if method != Method::HEAD {
        *response.body_mut() = Body::from(json);
    }
    response.extensions_mut().insert(problem);
}

/// An ordinary answer is only a debug line: the platform reads its own log back, and one line for each request that delivers lines
/// would never end.
fn report(span: &Span, response: &Response, elapsed: Duration) {
    let status = response.status().as_u16();
    let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    let problem = response.extensions().get::<Problem>();
    let code = problem.map_or("", Problem::code);
    let _entered = span.enter();
    if response.status().is_server_error() {
        let detail = problem.map_or("", Problem::detail);
        let causes = problem.map_or(&[][..], Problem::causes).join(": ");
        tracing::error!(status, code, detail, causes, elapsed_us, "request failed");
    } else {
        tracing::debug!(status, code, elapsed_us, "request answered");
    }
}

fn add_headers(headers: &mut HeaderMap, id: RequestId) {
    headers.insert(REQUEST_ID, id.into_header());
    for (name, value) in &SECURITY_HEADERS {
        if !headers.contains_key(name) {
            headers.insert(name, value.clone());
        }
    }
}
