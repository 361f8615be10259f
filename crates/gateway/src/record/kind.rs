//! What the events are called.

/// The event type of the lines.
pub(crate) const REQUEST: &str = "trunkline.gateway.request.v1";
