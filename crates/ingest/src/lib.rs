//! Ingest: what clients send becomes events in the log, and what lies in the log becomes rows.
//!
//! Two halves that meet only in the log. The door (`receive`) checks a request and appends it; it answers once that is durable. The
//! decoder turns records into rows, when the lake follows the log and again after a restart. This room never reads the lake.

mod body;
mod config;
mod dead_letter;
mod decode;
mod envelope;
mod error;
pub mod git;
mod grpc;
mod histogram;
mod http;
mod ingest;
mod json;
pub mod kind;
mod limits;
pub mod measure;
mod receive;
mod series;
mod stats;
mod wire;

pub use config::IngestConfig;
pub use decode::{Decoder, unreadable};
pub use error::{IngestError, Refusal};
pub use http::{EventsReply, RejectedEvent};
pub use ingest::Ingest;
pub use stats::{IngestSnapshot, Protocol};
