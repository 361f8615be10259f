//! What the topology asks of others.

/// Says which devices there are.
pub trait Things: Send + Sync + std::fmt::Debug {
    /// Whether there is a device of this name. Called within a change, so it must be fast.
    fn is_there(&self, name: &str) -> bool;
}
