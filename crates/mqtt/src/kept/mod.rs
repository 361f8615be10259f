//! What is written down, so that sessions and retained messages outlive the process.
//!
//! Messages lie in the log, and so do [`Entry`]s, which say what became of sessions. From time to time a [`Checkpoint`] holds the whole
//! state as of a place in the log; [`crate::Broker::restore`] takes it back, and all that the log has from that place on is played again.

mod checkpoint;
mod entry;
mod replay;
mod stored;

pub use checkpoint::{Checkpoint, RetainedImage};
pub use entry::{Entry, Note};
pub(crate) use replay::{Undecided, give_again};
pub use stored::StoredMessage;
