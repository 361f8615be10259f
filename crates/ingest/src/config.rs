//! The section `[ingest]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// What ingest takes and what it refuses.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IngestConfig {
    /// The largest request in bytes, as it is sent and also after it is unpacked: a small body may unpack to a very large one.
    pub max_request_bytes: u64,
    /// The largest single event in bytes. Larger things belong in a file store, with an event that points to them.
    pub max_event_bytes: u64,
    /// How deep JSON may be nested, at most 120. Deep nesting costs every reader stack, and nobody means it.
    pub max_depth: u32,
    /// How many events, log records, spans or points one request may hold.
    pub max_events_per_request: u64,
    /// Seconds that an event's time may lie ahead of the platform's clock. An event from the future would be the "latest" for long.
    pub max_future_seconds: u64,
    /// Seconds that an event's time may lie in the past; 0 takes any. Ten years let history in and keep out a device whose clock
    /// starts in 1970. Commits are exempt: a repository may be older.
    pub max_past_seconds: u64,
    /// Events a second that one credential may send, with a burst of two seconds' worth; 0 sets no limit.
    pub max_events_per_second: u64,
    /// Bytes of requests that may be in memory at once. Further requests wait a few seconds for room and are then told to retry.
    pub max_bytes_in_flight: u64,
    /// How many refused events a second are kept in `dead_letters`, so that a flood of them cannot fill the disk. All are counted.
    pub dead_letters_per_second: u32,
    /// How many bytes of a refused event are kept.
    pub dead_letter_bytes: usize,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self {
            max_request_bytes: 16 << 20,
            max_event_bytes: 1 << 20,
            max_depth: 64,
            max_events_per_request: 100_000,
            max_future_seconds: 600,
            max_past_seconds: 10 * 365 * 86_400,
            max_events_per_second: 0,
            max_bytes_in_flight: 128 << 20,
            dead_letters_per_second: 100,
            dead_letter_bytes: 8 << 10,
        }
    }
}

impl IngestConfig {
    /// The limits in the form in which they are asked for each event.
    pub(crate) fn limits(&self) -> Limits {
        Limits::new(self)
    }
}
