//! What people see of a bridge.

use serde::Serialize;
use trunkline_model::Timestamp;

use crate::{Problem, Side};

/// A bridge as it is now. Counts begin when the platform starts or the bridge's file changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BridgeStatus {
    /// The bridge's name.
    pub name: String,
    /// The remote's address; nothing where the file never was good.
    pub server: Option<String>,
    /// The connection to our broker.
    pub local: SideStatus,
    /// The connection to the remote.
    pub remote: SideStatus,
    /// What goes out.
    pub out: FlowStatus,
    /// What comes in.
    #[serde(rename = "in")]
    pub inward: FlowStatus,
    /// What is wrong with the bridge's file, whose last good version holds meanwhile.
    pub problems: Vec<Problem>,
}

/// One connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SideStatus {
    /// Whether it stands, and all that is to be subscribed to there is granted.
    pub connected: bool,
    /// Whether the broker has acknowledged every subscription that the file asks for, and the end of every one that only a former file
    /// asked for. Until then messages of the former file may still come; they are counted as unwanted. False when the connection ends.
    pub subscribed: bool,
    /// Since when it stands or does not.
    pub since: Option<Timestamp>,
    /// How often it was made.
    pub connections: u64,
    /// Why it last failed.
    pub last_error: Option<String>,
}

/// One direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FlowStatus {
    /// Messages that came, repeated ones too.
    pub received: u64,
    /// Messages that the other side acknowledged, or was sent where they need no acknowledgement.
    pub forwarded: u64,
    /// Messages that the bridge has at the moment; more may wait where they come from.
    pub waiting: usize,
    /// Messages lost to a limit or a refusal.
    pub dropped: u64,
    /// Messages that came from the other side and were not sent back.
    pub returned: u64,
    /// Messages that no map takes, such as those that a former file asked for.
    pub unwanted: u64,
}

impl BridgeStatus {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            server: None,
            local: SideStatus::default(),
            remote: SideStatus::default(),
            out: FlowStatus::default(),
            inward: FlowStatus::default(),
            problems: Vec::new(),
        }
    }

    pub(crate) const fn side(&mut self, side: Side) -> &mut SideStatus {
        match side {
            Side::Local => &mut self.local,
            Side::Remote => &mut self.remote,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_a_bridge_with_two_sides_and_two_directions() {
        let mut status = BridgeStatus::new("aws");
        status.side(Side::Remote).connected = true;
        status.inward.received = 3;
        let json = serde_json::to_value(&status).unwrap();
        assert_eq!(json["name"], "aws");
        assert_eq!(json["remote"]["connected"], true);
        assert_eq!(json["local"]["connected"], false);
        assert_eq!(json["remote"]["subscribed"], false);
        assert_eq!(json["in"]["received"], 3);
        assert_eq!(json["out"]["waiting"], 0);
    }
}
