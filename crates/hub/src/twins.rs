//! The log, as far as twins are concerned.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use trunkline_fleet::{Journal, NotKept, Place};
use trunkline_ingest::{Ingest, kind};
use trunkline_log::{EventLog, LogError, Offset, Record};
use trunkline_model::Event;

/// The cursor that holds what may have to be played again.
const CURSOR: &str = "twins";
/// How much of the log is read at once.
const READ: usize = 4 << 20;
/// What the types of events about twins have in them, so that the others need not be read.
const MARK: &[u8] = b"trunkline.fleet.twin";
/// Who writes them. Nobody outside may claim to be it.
const SOURCE: &str = "/trunkline/fleet";

/// Keeps changes of twins in the log, and plays them again.
#[derive(Debug)]
pub struct TwinLog {
    log: Arc<dyn EventLog>,
    ingest: Ingest,
}

impl TwinLog {
    /// Changes go in by `ingest` and are read from `log`, which must be the same.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, ingest: Ingest) -> Self {
        Self { log, ingest }
    }

    /// The records from `next` on; parts that are damaged are passed over.
    async fn read(&self, mut next: Offset) -> Result<Vec<Record>, LogError> {
        loop {
            match self.log.read(next, READ).await {
                Err(LogError::Corrupt { .. }) => {
                    let after = self.log.next_readable(next).await?;
                    tracing::warn!(from = %next, to = %after, "a damaged part of the log was passed over: changes of twins may be missing");
                    next = after;
                }
                read => return read,
            }
        }
    }
}

#[async_trait]
impl Journal for TwinLog {
    async fn append(&self, events: &[Event]) -> Result<Place, NotKept> {
        let appended = self.ingest.append_events(events).await;
        appended
            .map(|appended| appended.next.0)
            .map_err(|error| NotKept(error.to_string()))
    }

    fn next(&self) -> Place {
        self.log.bounds().next.0
    }

    async fn replay(
        &self,
        from: Place,
        take: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Place, NotKept> {
        let mut next = Offset(from).max(self.log.bounds().first);
        loop {
            let records = self.read(next).await;
            let records = records.map_err(|error| NotKept(error.to_string()))?;
            let Some(last) = records.last() else {
                return Ok(next.0);
            };
            next = last.next();
            for record in records
                .iter()
                .filter(|record| record.kind == kind::CLOUD_EVENT)
            {
                for (place, bytes) in record.messages() {
                    if place.0 >= from
                        && let Some(event) = event(bytes)
                    {
                        take(event);
                    }
                }
            }
        }
    }

    async fn release(&self, place: Place) {
        if let Err(error) = self.log.commit(CURSOR, Offset(place), true).await {
            tracing::warn!(
                error = &error as &dyn Error,
                "the place of the twins in the log could not be written down"
            );
        }
    }
}

/// The event about a twin in `bytes`, if it is one of the platform's own.
fn event(bytes: &[u8]) -> Option<Event> {
    let about_twin = bytes.windows(MARK.len()).any(|window| window == MARK);
    let event: Event = about_twin.then(|| serde_json::from_slice(bytes).ok())??;
    (event.source == SOURCE).then_some(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_events_about_twins_are_read() {
        let event_of = |source: &str, kind: &str| {
            let text = format!(
                r#"{{"specversion":"1.0","id":"1","source":"{source}","type":"{kind}","data":{{}}}}"#
            );
            event(text.as_bytes())
        };
        let changed = "trunkline.fleet.twin.changed.v1";
        assert!(event_of(SOURCE, changed).is_some());
        assert!(event_of("/elsewhere", changed).is_none());
        assert!(event_of(SOURCE, "trunkline.fleet.thing.created.v1").is_none());
    }
}
