//! Speaking to a platform over HTTP.

mod http;
mod place;
mod problem;

pub(crate) use http::Client;
pub(crate) use place::{Place, reachable};
pub(crate) use problem::of_body;
