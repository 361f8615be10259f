//! The disk adapter.
//!
//! One directory holds the log:
//!
//! | file | what it is |
//! |---|---|
//! | `LOCK` | locked by the process that has the log open |
//! | `<base offset>.log` | a segment; `format` has its bytes |
//! | `<base offset>.index` | a sealed segment's sparse index, a cache; `index` has its bytes |
//! | `cursors.json` | all named cursors |
//! | `*.draft` | a file that was being replaced; removed at the next start |
//! | `*.damaged` | what recovery set aside; nobody reads it |
//!
//! An append goes `log` (checks, back-pressure) → `codec` (compression and checksum, on the caller's thread) → `queue` → `writer`
//! (one thread: de-duplication, offsets, one write and one sync for all that wait) → `state` (index, tail cache, progress).
//! A read goes `log` → `reader` → tail cache or `scan`.

mod cache;
mod codec;
mod cursors;
mod files;
mod format;
mod index;
mod log;
mod port;
mod queue;
mod reader;
mod recovery;
mod report;
mod retention;
mod scan;
mod space;
mod state;
mod stats;
mod survey;
mod window;
mod writer;

pub use log::DiskLog;
pub use port::{Disk, SystemDisk};
pub use report::{Cut, CutReason, Damage, Recovery};
pub use stats::LogStats;
