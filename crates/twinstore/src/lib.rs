//! Twins as they are, and the way of their changes: into the log first, into a table behind it.
//!
//! A change is answered once its event is durable in the log. The documents that changed are held in memory and written to the table
//! twice a second, each once, however often it changed; with them goes the place in the log up to which the table is true. What the log
//! has beyond that place is played again at the start, so a crash loses no version that was accepted.
//!
//! One task works off the requests, one after another; those that come at the same time are one append. Nothing here knows what a
//! device is: who may have a twin, and what fits it, is asked through the port [`Registry`].

mod cache;
mod change;
mod decide;
mod error;
mod memory;
mod port;
mod portion;
mod rebuild;
mod replay;
mod request;
mod table;
mod twins;
mod worker;

pub use change::Forgotten;
pub use error::TwinsError;
pub use memory::MemoryJournal;
pub use port::{Journal, NotKept, Place, Registered, Registry};
pub use rebuild::{Compared, Difference, Rebuild, Version};
pub use request::{Answer, Body, Told, TwinRequest};
pub use table::{Mark, Row};
pub use twins::{Parts, Removed, Twins};
