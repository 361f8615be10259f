//! What a simulation has done so far.

use std::sync::Arc;

use serde::Serialize;
use trunkline_model::Timestamp;

/// Counts of a simulation, over all of its devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// When it began.
    pub started: Timestamp,
    /// How many devices it has.
    pub devices: usize,
    /// How many of them are connected.
    pub connected: usize,
    /// Steps that they made.
    pub steps: u64,
    /// Messages that went to the broker; one that was sent again after a broken connection counts again.
    pub sent: u64,
    /// Messages that the broker acknowledged.
    pub acknowledged: u64,
    /// Messages and subscriptions that the broker refused, and requests that the platform refused.
    pub refused: u64,
    /// Messages that were not sent, because there was no connection or the broker was too slow.
    pub missed: u64,
    /// Connections that were made again after the first one of a device.
    pub reconnects: u64,
    /// How often something was wanted of a device that was not so yet.
    pub wanted: u64,
    /// Commands that were answered.
    pub commands: u64,
    /// Jobs that succeeded.
    pub succeeded: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// What went wrong last, and with which device.
    pub problem: Option<Arc<str>>,
}
