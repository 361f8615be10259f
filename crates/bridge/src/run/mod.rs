//! A bridge at work: its two connections, and the messages of its two directions.

mod bridge;
mod connection;
mod flow;
mod keep;
mod target;

pub(crate) use keep::{Work, keep};
