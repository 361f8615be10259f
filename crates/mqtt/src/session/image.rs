//! A session as it is written down.

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;

/// All of a session that outlives the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionImage {
    /// The client id.
    pub client: String,
    /// Whose it is.
    pub principal: String,
    /// Seconds that it outlives its connection.
    pub expiry: u32,
    /// When it ends; nothing while its client is connected, and where it has no end.
    pub ends: Option<Timestamp>,
    /// What the client subscribed to.
    pub subscriptions: Vec<SubscriptionImage>,
    /// What waits for it, in order.
    pub waiting: Vec<WaitingImage>,
    /// What is under way to it and must not come twice.
    pub flights: Vec<FlightImage>,
    /// Messages of the client that must not be taken twice: their numbers, and what they are known by.
    pub came: Vec<(u16, u64)>,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionImage {
    /// The filter as the client wrote it.
    pub filter: String,
    /// The best quality: 0, 1 or 2.
    pub quality: u8,
    /// Whether the client's own messages are left out.
    pub no_local: bool,
    /// Whether messages keep their retain flag.
    pub retain_as_published: bool,
    /// What the client calls it; 0 for nothing.
    pub id: u32,
}

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingImage {
    /// Where it lies in the log.
    pub place: u64,
    /// 1 or 2.
    pub quality: u8,
    /// Whether it says that it was retained.
    pub retain: bool,
    /// What the subscriptions call it that took it.
    pub ids: Vec<u32>,
}

/// A message of quality 2 that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlightImage {
    /// Its number.
    pub id: u16,
    /// Where its message lies in the log.
    pub place: Option<u64>,
    /// The message; nothing where the client has said that it received it.
    pub message: Option<WaitingImage>,
}
