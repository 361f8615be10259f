//! The running platform, as the outside asks it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use trunkline_api::{IngestTotals, Listener, LogTotals, Platform, Vitals};
use trunkline_ingest::Ingest;
use trunkline_log::{DiskLog, Offset};
use trunkline_model::Event;
use trunkline_web::Problem;

use super::vitals;
use crate::About;

/// Answers for the rooms that the outside cannot see.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) log: Arc<DiskLog>,
    pub(super) ingest: Ingest,
    pub(super) data_dir: PathBuf,
    pub(super) listeners: Vec<Listener>,
    pub(super) ready: AtomicBool,
    pub(super) about: About,
}

#[async_trait]
impl Platform for Composed {
    async fn publish(&self, event: &Event) -> Result<Offset, Problem> {
        let appended = self
            .ingest
            .append_events(std::slice::from_ref(event))
            .await?;
        Ok(appended.next)
    }

    fn vitals(&self) -> Vitals {
        let log = self.log.stats();
        let ingest = self.ingest.stats();
        let named = |counts: std::collections::BTreeMap<&'static str, u64>| {
            counts
                .into_iter()
                .map(|(name, count)| (name.to_owned(), count))
                .collect()
        };
        Vitals {
            log: LogTotals {
                appends: log.appends,
                messages: log.messages,
                duplicates: log.duplicates,
                fsyncs: log.syncs,
                bytes: log.bytes_written,
                refused: log.refused_full + log.refused_busy + log.refused_too_large,
            },
            ingest: IngestTotals {
                accepted_total: named(ingest.accepted_total),
                refused_total: named(ingest.refused_total),
            },
            process: vitals::process(),
            disk: vitals::disk(&self.data_dir),
            listeners: self.listeners.clone(),
            version: env!("CARGO_PKG_VERSION"),
            commit: self.about.commit,
            ready: self.ready.load(Ordering::Relaxed),
        }
    }

    fn error_page(&self, code: &str) -> Option<&'static str> {
        (self.about.error_page)(code)
    }
}
