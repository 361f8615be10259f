//! What the fleet asks of others.

use crate::Told;

/// Reaches devices that are connected. Nothing waits for it.
pub trait Tell: Send + Sync + std::fmt::Debug {
    /// Sends messages that follow from a change, which is durable already.
    fn tell(&self, messages: Vec<Told>);

    /// Ends the connection of a thing, whose credential is worth nothing any more.
    fn disconnect(&self, thing: &str);
}
