//! What the handlers share.

use std::sync::Arc;

use tokio::sync::Semaphore;
use trunkline_lake::Lake;
use trunkline_log::EventLog;
use trunkline_model::{Clock, IdGen, Timestamp};

use crate::{ApiConfig, Platform};

/// The outside of one platform.
#[derive(Clone, Debug)]
pub struct Api {
    pub(crate) lake: Arc<Lake>,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) config: Arc<ApiConfig>,
    pub(crate) started: Timestamp,
    pub(crate) tails: Arc<Semaphore>,
}

impl Api {
    /// The outside over these rooms.
    #[must_use]
    pub fn new(
        lake: Arc<Lake>,
        log: Arc<dyn EventLog>,
        platform: Arc<dyn Platform>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        config: ApiConfig,
    ) -> Self {
        Self {
            started: clock.now(),
            tails: Arc::new(Semaphore::new(config.max_tails)),
            config: Arc::new(config),
            lake,
            log,
            platform,
            clock,
            ids,
        }
    }
}
