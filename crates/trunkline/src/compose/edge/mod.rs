//! What the gateway needs of the other rooms, through its ports.

mod admit;
mod check;
mod config;
mod fetch;
mod limit;
mod remembered;
mod sink;
mod wiring;

pub use config::AdmissionConfig;
pub(super) use wiring::Edge;
