//! The marks by which a message is known that has been through a bridge, so that none goes round in circles.

use crate::message::Properties;

/// At our broker: the bridge that brought the message in.
const BRIDGE: &str = "trunkline-bridge";
/// At our broker: the remote that it came from.
const REMOTE: &str = "trunkline-bridge-remote";
/// At the remote: the client id of the bridge that sent it, which no other client there has.
const SENDER: &str = "trunkline-bridge-sender";

/// How one bridge marks messages.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    /// The bridge's name.
    pub(crate) bridge: String,
    /// The remote's host and port.
    pub(crate) remote: String,
    /// The client id at the remote.
    pub(crate) sender: String,
}

impl Marks {
    /// Whether a message at our broker came from the remote, by this bridge or by another to the same remote.
    pub(crate) fn came_from_remote(&self, properties: &Properties) -> bool {
        has(properties, BRIDGE, &self.bridge) || has(properties, REMOTE, &self.remote)
    }

    /// Whether a message at the remote was sent there by this bridge.
    pub(crate) fn came_from_here(&self, properties: &Properties) -> bool {
        has(properties, SENDER, &self.sender)
    }

    /// Marks a message for our broker.
    pub(crate) fn mark_brought_in(&self, properties: &mut Properties) {
        strip(properties);
        properties.user.push((BRIDGE.into(), self.bridge.clone()));
        properties.user.push((REMOTE.into(), self.remote.clone()));
    }

    /// Marks a message for the remote.
    pub(crate) fn mark_sent_out(&self, properties: &mut Properties) {
        strip(properties);
        properties.user.push((SENDER.into(), self.sender.clone()));
    }
}

fn has(properties: &Properties, key: &str, value: &str) -> bool {
    properties
        .user
        .iter()
        .any(|(known, said)| known == key && said == value)
}

fn strip(properties: &mut Properties) {
    properties
        .user
        .retain(|(key, _)| ![BRIDGE, REMOTE, SENDER].contains(&key.as_str()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(bridge: &str, remote: &str) -> Marks {
        Marks {
            bridge: bridge.into(),
            remote: remote.into(),
            sender: format!("site-{bridge}"),
        }
    }

    #[test]
    fn what_came_in_is_known_by_its_bridge_and_by_its_remote() {
        let mut properties = Properties::default();
        properties.user.push(("site".into(), "7".into()));
        marks("one", "a:1883").mark_brought_in(&mut properties);
        assert!(marks("one", "a:1883").came_from_remote(&properties));
        // Another bridge to the same remote, and the same bridge whose remote has moved.
        assert!(marks("two", "a:1883").came_from_remote(&properties));
        assert!(marks("one", "b:1883").came_from_remote(&properties));
        assert!(!marks("two", "b:1883").came_from_remote(&properties));
        assert_eq!(properties.user[0], ("site".into(), "7".into()));
    }

    #[test]
    fn what_was_sent_is_known_by_its_sender_and_tells_nothing_of_where_it_came_from() {
        let mut properties = Properties::default();
        marks("one", "a:1883").mark_brought_in(&mut properties);
        marks("two", "b:1883").mark_sent_out(&mut properties);
        assert!(marks("two", "b:1883").came_from_here(&properties));
        assert!(!marks("one", "b:1883").came_from_here(&properties));
        assert!(!marks("one", "a:1883").came_from_remote(&properties));
        assert_eq!(properties.user.len(), 1);
    }
}
