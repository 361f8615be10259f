//! Results that are known: contents by their hash, and records by their key.

mod blobs;
mod evict;
mod folder;
mod objects;
mod records;

pub use blobs::Blob;
pub use folder::{Limits, Namespace, Store};
pub use records::{Output, Record, Written};
