//! The door: what came over the wire becomes batches for the log, or refusals.
//!
//! Everything here is pure: bytes in, a batch and refusals out. What is well-formed is decided here once, so that decoding, now and
//! after any restart, need not refuse anything.

pub(crate) mod binary;
mod collect;
pub(crate) mod events;
pub(crate) mod lines;
mod may_send;
pub(crate) mod otlp;
pub(crate) mod otlp_json;
pub(crate) mod otlp_schema;
pub(crate) mod prometheus;

pub(crate) use collect::{Collected, Collector, Rejected, Rejections};
pub(crate) use may_send::MaySend;
