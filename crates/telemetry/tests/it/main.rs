//! Whole rules and whole messages.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod ingest;
mod laws;
mod limits;
mod problems;
mod rules;
mod sparkplug;
mod support;
