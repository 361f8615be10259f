//! Which pages may ask us from a browser.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Issuer;

/// What is public may be read by every page.
pub(super) async fn anybody(request: Request, next: Next) -> Response {
    let mut response = pass(request, next).await;
    allow(&mut response, HeaderValue::from_static("*"));
    response
}

/// Tokens are for the pages of public clients alone, by the origins of their redirect addresses. Cookies are never allowed.
pub(super) async fn registered(
    State(issuer): State<Arc<Issuer>>,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let known = origin.filter(|origin| origin.to_str().is_ok_and(|text| issuer.knows_origin(text)));
    let mut response = pass(request, next).await;
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = known {
        allow(&mut response, origin);
    }
    response
}

/// A preflight is answered here; whether it is allowed says the header that follows, or does not.
async fn pass(request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    next.run(request).await
}

fn allow(response: &mut Response, origin: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type",
        ),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "www-authenticate, retry-after",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
