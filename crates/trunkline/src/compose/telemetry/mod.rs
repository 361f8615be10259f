//! What the platform says of itself, on its way into its own lake.

mod layer;
mod record;
mod send;

pub use layer::OwnTelemetry;
pub use send::Telemetry;
pub(super) use send::deliver;
