//! The addresses of ingest.

mod events;
mod otlp;
mod prometheus;
mod routes;

pub use events::{EventsReply, RejectedEvent};
pub(crate) use otlp::{RpcStatus, grpc_code, partial};
