//! The door without the HTTP around it, for benchmarks alone.

use bytes::Bytes;
use trunkline_log::Batch;
use trunkline_model::Timestamp;

use crate::IngestConfig;
use crate::kind::DataHeader;
use crate::receive::{lines, prometheus};
use crate::series::Version;

/// What a payload is.
#[derive(Clone, Debug)]
pub enum Work {
    /// Lines that are CloudEvents.
    Events,
    /// Lines of plain data.
    Data {
        /// The type of all lines.
        event_type: String,
        /// The source of all lines.
        source: String,
    },
    /// A remote write 1.0 request that is not packed.
    RemoteWrite,
}

/// Reads `payload` as a request at `now` does; none where anything of it is refused.
#[must_use]
pub fn receive(work: &Work, payload: &Bytes, now: Timestamp) -> Option<Batch> {
    let limits = IngestConfig::default().limits();
    let window = limits.window(now);
    match work {
        Work::Events => {
            let collected = lines::read_events(payload, limits, window, &|_| Ok(())).ok()?;
            collected.rejections.is_empty().then_some(collected.batch)
        }
        Work::Data { event_type, source } => {
            let header = DataHeader {
                kind: event_type.clone(),
                source: source.clone(),
                id: None,
                subject: None,
            };
            let collected = lines::read_data(payload, &header, limits, window, &|_| Ok(())).ok()?;
            collected.rejections.is_empty().then_some(collected.batch)
        }
        Work::RemoteWrite => {
            prometheus::read(payload, Version::One, limits, window)
                .ok()?
                .batch
        }
    }
}
