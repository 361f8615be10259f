//! The section `[log]` of the configuration.

use serde::{Deserialize, Serialize};

/// How the event log on the local disk behaves.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Bytes after which a segment file is sealed and the next one begun. Retention removes whole segments, so this is also its step.
    pub segment_bytes: u64,
    /// Bytes of log to keep. Older segments go first, but never one that an archiving consumer has not passed.
    pub retain_bytes: u64,
    /// Seconds to keep a segment after its last message. Never removes what an archiving consumer has not passed.
    pub retain_seconds: u64,
    /// Largest batch in bytes before compression; a larger one is refused, since a reader holds a whole record in memory.
    pub record_bytes: u64,
    /// Bytes of batches that may wait for the disk. More than this must wait outside, which is how producers are slowed down.
    pub queue_bytes: u64,
    /// Milliseconds an append waits for room in the queue before it is refused as busy.
    pub append_wait_ms: u64,
    /// Bytes of disk to leave free, so that the rest of the platform can still write when the log refuses new work.
    pub reserve_bytes: u64,
    /// Bytes of the newest records kept in memory, so that consumers at the head of the log read no disk.
    pub cache_bytes: u64,
    /// The number of newest de-duplication keys remembered: at least half of them, at most all. One key takes 20 to 40 bytes; the default
    /// just fits into tables of 18 MiB, which a little more would double.
    pub dedupe_keys: u64,
}

const MIB: u64 = 1024 * 1024;

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 256 * MIB,
            retain_bytes: 20 * 1024 * MIB,
            retain_seconds: 7 * 24 * 3_600,
            record_bytes: 32 * MIB,
            queue_bytes: 64 * MIB,
            append_wait_ms: 5_000,
            reserve_bytes: 256 * MIB,
            cache_bytes: 32 * MIB,
            dedupe_keys: 900_000,
        }
    }
}
