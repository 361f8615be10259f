//! What the log has done since it was opened.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

/// Counts since the log was opened, and how full its queue and cache are now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LogStats {
    /// Batches that became durable, those of nothing but duplicates included.
    pub appends: u64,
    /// New messages that became durable.
    pub messages: u64,
    /// Messages that the log already had.
    pub duplicates: u64,
    /// Bytes written to segments.
    pub bytes_written: u64,
    /// Groups that were written and synced together.
    pub groups: u64,
    /// Groups that could not be written.
    pub failed_groups: u64,
    /// Calls that made bytes durable.
    pub syncs: u64,
    /// Seconds spent in them.
    pub sync_seconds: f64,
    /// Batches refused because the disk was full.
    pub refused_full: u64,
    /// Batches refused because the queue stayed full.
    pub refused_busy: u64,
    /// Batches refused because they were too large or did not fit together.
    pub refused_too_large: u64,
    /// Bytes of batches that wait for the disk now.
    pub queue_bytes: u64,
    /// Bytes of records in memory now.
    pub cache_bytes: u64,
    /// De-duplication keys in memory now.
    pub dedupe_keys: u64,
}

/// The counters behind [`LogStats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) appends: AtomicU64,
    pub(super) messages: AtomicU64,
    pub(super) duplicates: AtomicU64,
    pub(super) bytes_written: AtomicU64,
    pub(super) groups: AtomicU64,
    pub(super) failed_groups: AtomicU64,
    pub(super) syncs: AtomicU64,
    pub(super) sync_micros: AtomicU64,
    pub(super) refused_full: AtomicU64,
    pub(super) refused_busy: AtomicU64,
    pub(super) refused_too_large: AtomicU64,
    pub(super) dedupe_keys: AtomicU64,
}

pub(super) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn synced(&self, took: Duration) {
        add(&self.syncs, 1);
        add(&self.sync_micros, took.as_micros() as u64);
    }

    pub(super) fn snapshot(&self, queue_bytes: u64, cache_bytes: u64) -> LogStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LogStats {
            appends: get(&self.appends),
            messages: get(&self.messages),
            duplicates: get(&self.duplicates),
            bytes_written: get(&self.bytes_written),
            groups: get(&self.groups),
            failed_groups: get(&self.failed_groups),
            syncs: get(&self.syncs),
            sync_seconds: get(&self.sync_micros) as f64 / 1e6,
            refused_full: get(&self.refused_full),
            refused_busy: get(&self.refused_busy),
            refused_too_large: get(&self.refused_too_large),
            queue_bytes,
            cache_bytes,
            dedupe_keys: get(&self.dedupe_keys),
        }
    }
}
