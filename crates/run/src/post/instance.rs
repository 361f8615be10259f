//! One running instance.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use trunkline_rollout::ReleaseId;

use crate::port::Stand;

/// What is found again with an instance after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) service: String,
    pub(crate) release: ReleaseId,
    pub(crate) port: u16,
}

/// Whether an instance is well, as its probe finds it.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// It is well.
    pub(crate) well: AtomicBool,
    /// It is stopped where it stands, and is not asked.
    pub(crate) asleep: AtomicBool,
}

/// One running instance.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) release: ReleaseId,
    pub(crate) port: u16,
    pub(crate) process: u32,
    pub(crate) stand: Stand,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) probe: JoinHandle<()>,
    pub(crate) started: Instant,
    /// Since when it is not well.
    pub(crate) unwell: Option<Instant>,
    /// Since when it is to end, and since when it was asked to.
    pub(crate) leaving: Option<(Instant, Option<Instant>)>,
    /// It was well once.
    pub(crate) served: bool,
    /// What was told of it the last time.
    pub(crate) told: &'static str,
}

impl Instance {
    /// Whether it can take requests, at once or once it is let go on.
    pub(crate) fn is_ready(&self) -> bool {
        self.pulse.well.load(Ordering::Relaxed) && self.leaving.is_none()
    }

    pub(crate) fn state(&self) -> &'static str {
        match self.stand {
            Stand::Ended(_) => "ended",
            _ if self.leaving.is_some() => "leaving",
            Stand::Parked => "parked",
            Stand::Running if self.is_ready() => "ready",
            Stand::Running => "starting",
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.probe.abort();
    }
}
