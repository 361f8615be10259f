//! Pretend traffic of three services, sent the way that real senders send it.

mod request;
mod send;

pub use send::run;
