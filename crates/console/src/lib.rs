//! The web console inside the binary: embedded files, negotiation and caching.
//!
//! [`router`] answers every path that no API route took: it is composed as the fallback of the whole server.
//! Files lie in the binary as `npm run build` wrote them: text as `.br` and `.gz` only, the rest raw.

mod encoding;
mod files;
mod path;
mod respond;

use axum::Router;

pub use files::Files;

/// The router of the console, for use as the fallback: `api.fallback_service(trunkline_console::router())`.
///
/// Where the environment names a folder in `TRUNKLINE_CONSOLE_DIR`, files come from there at each request, for
/// development; otherwise from the binary.
pub fn router() -> Router {
    router_of(Files::from_environment())
}

/// The router over given files.
pub fn router_of(files: Files) -> Router {
    Router::new().fallback(respond::serve).with_state(files)
}
