//! The API gateway: routes, upstreams, and the requests that pass between them.

mod file;
mod sanitise;

pub use sanitise::{Cidr, CidrError, HeadLimits, Refusal};
