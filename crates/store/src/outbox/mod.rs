//! The outbox: events that were written with their change and wait to be carried to the log.
//!
//! A change and its event are one transaction, so neither is ever without the other. The [`Relay`] carries the events on in the
//! order of their changes, each at least once: after a crash it may send one again, under the same id, and the log drops it.

mod queue;
mod relay;
mod sink;

pub use queue::{Backlog, MAX_EVENT_BYTES, put};
pub use relay::{Relay, RelayError};
pub use sink::{EventSink, SinkError};

pub(crate) use queue::MIGRATIONS;
