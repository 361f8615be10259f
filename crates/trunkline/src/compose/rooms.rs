//! The rooms, opened in the order in which they need one another.

use std::sync::Arc;

use anyhow::Context;
use trunkline_access::Access;
use trunkline_ingest::{Decoder, Ingest};
use trunkline_lake::{Lake, Parts, Storage};
use trunkline_log::{DiskLog, EventLog};
use trunkline_store::Store;

use super::Settings;

/// All rooms of one platform.
#[derive(Clone, Debug)]
pub(super) struct Rooms {
    pub(super) log: Arc<DiskLog>,
    pub(super) lake: Arc<Lake>,
    pub(super) store: Store,
    pub(super) access: Arc<Access>,
    pub(super) ingest: Ingest,
}

impl Rooms {
    pub(super) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let log = open_log(settings).await?;
        let store = Store::open(&settings.data_dir.store(), &settings.config.store).await?;
        let access = Access::open(
            store.clone(),
            Arc::clone(&settings.clock),
            Arc::clone(&settings.ids),
            &settings.config.access,
        )
        .await?;
        let ingest = Ingest::new(
            Arc::clone(&log) as Arc<dyn EventLog>,
            Arc::clone(&settings.clock),
            Arc::clone(&settings.ids),
            &settings.config.ingest,
        );
        let parts = Parts {
            log: Arc::clone(&log) as Arc<dyn EventLog>,
            decode: Arc::new(Decoder),
            storage: Storage::open(&settings.config.lake, settings.data_dir.path())?,
            clock: Arc::clone(&settings.clock),
            ids: Arc::clone(&settings.ids),
        };
        let lake = Lake::open(
            settings.config.lake.clone(),
            parts,
            settings.data_dir.path(),
        )
        .await?;
        Ok(Self {
            log,
            lake,
            store,
            access,
            ingest,
        })
    }

    /// Closes the rooms against the order in which they were opened. What cannot be written now is in the log.
    pub(super) async fn close(&self) {
        if let Err(error) = self.lake.close().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the lake keeps its last rows in the log"
            );
        }
        self.log.close().await;
        self.store.close().await;
    }
}

async fn open_log(settings: &Settings) -> anyhow::Result<Arc<DiskLog>> {
    let folder = settings.data_dir.log();
    let (config, clock) = (settings.config.log.clone(), Arc::clone(&settings.clock));
    let (log, recovery) =
        tokio::task::spawn_blocking(move || DiskLog::open(&folder, config, clock))
            .await
            .context("the log's opening was interrupted")??;
    if recovery.is_clean() {
        tracing::info!(%recovery, "the log is open");
    } else {
        tracing::warn!(%recovery, "the log is open, and something was wrong with it");
    }
    Ok(log)
}
