//! OTLP requests.

mod logs;
mod metrics;
mod spans;
mod value;

pub(super) use logs::decode_logs;
pub(super) use metrics::decode_metrics;
pub(super) use spans::decode_traces;
