//! The sample: pretend traffic of three services, sent the way that real senders send it.

mod chance;
mod request;
mod send;

pub(super) use send::{Target, run};
