//! The console as the fallback of the whole server.

use axum::Router;

use crate::{Files, respond};

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
