//! Integration tests of ingest: requests in, records in the log, rows out.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it stands"
)]

mod decode;
mod events;
mod git;
mod grpc;
mod hostile;
mod limits;
mod otlp;
mod own;
mod prometheus;
mod rows;
mod support;
