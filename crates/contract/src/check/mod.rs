//! Requests and responses held against a contract.

mod coerce;
mod query;
mod request;
mod response;
mod violation;

pub use request::Matched;
pub use violation::{Mismatch, Violation};
