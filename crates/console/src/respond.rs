//! From a request to a response.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use crate::encoding::{Encoding, accepted, unpack};
use crate::files::{Files, Stored};
use crate::path::{Wanted, wanted};

const NOT_BUILT: &str = include_str!("not_built.html");
const INDEX: &str = "index.html";
/// Files below it carry a hash of their content in their name.
const HASHED: &str = "_app/immutable/";

/// Answers a request that no API route took.
pub(crate) async fn serve(
    State(files): State<Files>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mut response = match (
        method == Method::GET || method == Method::HEAD,
        wanted(uri.path()),
    ) {
        (_, Wanted::Nothing) => not_found(),
        (false, _) => method_not_allowed(),
        (true, Wanted::File(name)) => file(&files, name, &headers).unwrap_or_else(not_found),
        (true, Wanted::Page) => file(&files, INDEX, &headers).unwrap_or_else(not_built),
    };
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    protect(response.headers_mut());
    response
}

/// The response for a file in the best form that is stored, or `None` where it is stored in no form.
fn file(files: &Files, name: &str, headers: &HeaderMap) -> Option<Response> {
    let header = headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let (encoding, stored) = stored(files, name, header)?;
    let tag = format!("\"{}{}\"", stored.fingerprint, encoding.suffix());
    let fresh = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| matches(known, &tag));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::empty());
        let length = stored.bytes.len();
        *response.body_mut() = match stored.bytes {
            std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
            std::borrow::Cow::Owned(bytes) => Body::from(bytes),
        };
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(coding) = encoding.header() {
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    };
    let cache = if name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    Some(response)
}

/// Finds the best stored form; a client that takes no compression gets the gzip form unpacked.
fn stored(files: &Files, name: &str, header: Option<&str>) -> Option<(Encoding, Stored)> {
    let form = |encoding: Encoding| {
        files
            .get(&format!("{name}{}", encoding.suffix()))
            .map(|stored| (encoding, stored))
    };
    accepted(header).into_iter().find_map(form).or_else(|| {
        let (_, packed) = form(Encoding::Gzip)?;
        let bytes = unpack(&packed.bytes).ok()?.into();
        Some((
            Encoding::Identity,
            Stored {
                bytes,
                fingerprint: packed.fingerprint,
            },
        ))
    })
}

/// Whether `If-None-Match` names the tag; a proxy may have made it weak.
fn matches(known: &str, tag: &str) -> bool {
    known
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

fn not_built() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::OK, headers, NOT_BUILT).into_response()
}

fn not_found() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::NOT_FOUND, headers, "not found\n").into_response()
}

fn method_not_allowed() -> Response {
    (
        StatusCode::METHOD_NOT_ALLOWED,
        [(ALLOW, "GET, HEAD")],
        "the console only reads: GET and HEAD\n",
    )
        .into_response()
}

/// Headers that every answer carries. The scripts' policy stands in the page itself, with the hash of its start script;
/// `frame-ancestors` works only as a header.
fn protect(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &str); 3] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The media types of what a build can hold.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
