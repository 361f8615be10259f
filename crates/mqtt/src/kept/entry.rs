//! What became of a session.

use serde::{Deserialize, Serialize};

use crate::session::SubscriptionImage;

/// A step in the life of a session that lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The client id.
    pub client: String,
    /// What happened.
    #[serde(flatten)]
    pub note: Note,
}

/// What happened to a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// Its client connected.
    Opened {
        /// Whose it is.
        principal: String,
        /// Seconds that it outlives its connection; 0 where it does not any more.
        expiry: u32,
        /// Whether all that was there before is forgotten.
        clean: bool,
    },
    /// Its client subscribed.
    Subscribed(SubscriptionImage),
    /// Its client does not want this any more.
    Unsubscribed {
        /// The filter as the client wrote it.
        filter: String,
    },
    /// Its connection ended.
    Left {
        /// Seconds until it ends.
        expiry: u32,
    },
    /// It ended.
    Forgotten,
    /// Its client is done with messages.
    Settled {
        /// Where they lie in the log.
        places: Vec<u64>,
    },
    /// A message of quality 2 goes out under a number.
    Sent {
        /// The number.
        id: u16,
        /// Where the message lies in the log.
        place: u64,
    },
    /// Its client has the message of this number.
    Received {
        /// The number.
        id: u16,
    },
}
