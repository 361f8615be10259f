//! How much a repository takes.

use std::time::Duration;

/// The limits of one transfer.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a pack that is pushed.
    pub pack_bytes: u64,
    /// Refs that one push may name.
    pub commands: usize,
    /// How long git may take for one step.
    pub time: Duration,
    /// Bytes of a request for objects: what a client wants and has.
    pub request_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pack_bytes: 1 << 30,
            commands: 256,
            time: Duration::from_secs(600),
            request_bytes: 16 << 20,
        }
    }
}
