//! Answers for addresses that do not exist.

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use trunkline_model::code;

use crate::Problem;

/// Paths below which only the API lives, so that an unknown one is an error and never a page.
const API_PREFIXES: [&str; 2] = ["/v1/", "/api/"];

/// The problem of an address at which there is nothing.
pub async fn not_found(uri: Uri) -> Problem {
    Problem::new(
        &code::WEB_NOT_FOUND,
        format!("there is nothing at {}", uri.path()),
    )
}

/// The problem of an address that does not take the request's method.
pub async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not take {method}", uri.path());
    Problem::new(&code::WEB_METHOD, detail)
}

/// Lets `router` answer unknown addresses and methods with problems, and reads of any other path with `pages` if there are some.
///
/// Call it once all routes are there: a route that is added later keeps axum's own answer to a wrong method.
pub fn fallbacks(router: Router, pages: Option<Router>) -> Router {
    let router = router.method_not_allowed_fallback(method_not_allowed);
    match pages {
        None => router.fallback(not_found),
        Some(pages) => router.fallback(move |request: Request| page(pages, request)),
    }
}

async fn page(pages: Router, request: Request) -> Response {
    let path = request.uri().path();
    let api = API_PREFIXES.iter().any(|prefix| path.starts_with(prefix));
    if api || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return not_found(request.uri().clone()).await.into_response();
    }
    match pages.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
