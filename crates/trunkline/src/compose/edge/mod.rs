//! What the gateway needs of the other rooms, through its ports.

mod admit;
mod check;
mod config;
mod fetch;
mod limit;
mod remembered;
mod sink;

pub(super) use admit::Door;
pub use config::AdmissionConfig;
pub(super) use check::Contracts;
pub(super) use fetch::Fetch;
pub(super) use limit::Counter;
pub(super) use sink::IntoRequests;
