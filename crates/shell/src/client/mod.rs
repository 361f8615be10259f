//! Speaking to a platform over HTTP.

mod http;
mod place;
mod problem;

pub use http::Client;
pub use place::{Place, reachable};
pub use problem::of_body;
