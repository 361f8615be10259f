//! What the platform says of itself, on its way into its own lake: its log lines and spans, as OTLP has them.

mod layer;
mod record;
mod send;

pub use layer::OwnTelemetry;
pub use send::{Telemetry, deliver};
