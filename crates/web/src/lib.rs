//! The HTTP kit that every room's `http` module uses: problem documents, extractors, credentials and the layers around them.
//!
//! This crate knows no domain. It says how a request is read, refused and answered; what it means is for the rooms above.

mod authorize;
mod basic;
mod caller;
mod client;
mod config;
mod credential;
mod extract;
mod fallback;
mod gate;
mod kit;
mod origin;
mod problem;
mod rate;
mod request_id;
mod sampler;
mod scopes;
mod seats;

pub use authorize::{Authorize, Decision, Question};
pub use basic::accept_basic;
pub use caller::Caller;
pub use client::ClientAddress;
pub use config::WebConfig;
pub use credential::{
    AuthError, Authenticate, Credential, KEY_HEADER, SECURE_SESSION_COOKIE, SESSION_COOKIE,
    TOKEN_PREFIX, cookie_called, session_cookie, take_credentials,
};
pub use extract::{Body, Path, Query};
pub use fallback::{fallbacks, method_not_allowed, not_found};
pub use gate::{Gate, require_credential};
pub use kit::Kit;
pub use origin::{Origins, SameOrigin};
pub use problem::{Problem, Reply};
pub use rate::{Rate, RateLimiter};
pub use request_id::RequestId;
pub use sampler::Sampler;
pub use scopes::{ScopesAlone, ceiling};
pub use seats::{Seat, Seats};
