//! The other side of the log: records become rows.
//!
//! Pure and lenient. What lies in the log was checked at the door, so a message that cannot be read is damage or the work of another
//! version; it becomes a row of `dead_letters` and never stops the lake.

mod data;
mod dead_letter;
mod decoder;
mod events;
mod fields;
mod otlp;
mod prometheus;

pub(crate) use dead_letter::Letter;
pub use decoder::{Decoder, unreadable};
