//! The edge: what the gateway needs of the other rooms, through its ports.
//!
//! Keys and sessions of `access`, tokens of issuers, plans, the documents of `portal`, and the way of request events into the log. It
//! decides nothing by itself.

mod admit;
mod check;
mod config;
mod edge;
mod error;
mod fetch;
mod learn;
mod limit;
mod lines;
mod remembered;
mod route_files;
mod sink;

pub use config::AdmissionConfig;
pub use edge::{Edge, Parts};
pub use error::EdgeError;
pub use limit::Counter;
pub use lines::Lines;
pub use route_files::RouteFiles;
