//! The durable event log: what is acknowledged is on disk.
//!
//! The log moves opaque messages. It never parses a payload, and it never deletes what an archiving cursor has not passed.

mod config;
mod disk;
mod error;
mod model;
mod port;

pub use config::LogConfig;
pub use disk::{Cut, CutReason, Damage, Disk, DiskLog, LogStats, Recovery, SystemDisk};
pub use error::LogError;
pub use model::{Appended, Batch, Bounds, CursorState, DedupeKey, Offset, Record, RecordKind};
pub use port::{EventLog, Subscription};
