//! What the operations work on.

use std::sync::Arc;

use tokio::sync::Mutex;
use trunkline_fleet::{Fleet, Tell};
use trunkline_model::{Clock, IdGen};
use trunkline_web::Authorize;

use crate::{Keys, Publish};

/// The rooms that this one meets.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Things, twins and jobs.
    pub fleet: Arc<Fleet>,
    /// The way to devices that are connected.
    pub tell: Arc<dyn Tell>,
    /// Access keys.
    pub keys: Arc<dyn Keys>,
    /// The broker.
    pub publish: Arc<dyn Publish>,
    /// Who may do what.
    pub authorize: Arc<dyn Authorize>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn IdGen>,
    /// Where devices find the broker, as the answer to `DescribeEndpoint`: a name or an address, without a scheme.
    pub endpoint: String,
}

/// The APIs of AWS over the platform.
#[derive(Debug)]
pub struct Aws {
    pub(crate) parts: Parts,
    /// Held by operations that look before they change, so that they come one after another.
    pub(crate) turn: Mutex<()>,
}

impl Aws {
    /// The APIs over these rooms.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            turn: Mutex::new(()),
        }
    }
}
