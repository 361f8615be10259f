//! What the handlers share.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::Semaphore;
use trunkline_lake::Lake;
use trunkline_log::{EventLog, Offset};
use trunkline_model::{Clock, Event, IdGen, Timestamp, code};
use trunkline_web::{Problem, Reply};

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

    /// Writes an event of `room` about `subject`; gives the offset after it.
    pub(crate) async fn publish(
        &self,
        room: &str,
        kind: &str,
        subject: &str,
        data: &impl Serialize,
    ) -> Reply<Offset> {
        let event = Event::platform(room, kind, subject, self.clock.now(), &*self.ids, data)
            .map_err(|error| Problem::new(&code::WEB_INTERNAL, error.to_string()))?;
        self.platform.publish(&event).await
    }
}
