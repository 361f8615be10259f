//! Artifacts in a folder, with real files and a clock that stands still.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod crash;
mod documents;
mod downloads;
mod limits;
mod links;
mod removal;
mod rights;
mod signing;
mod support;
mod uploads;
mod wire;
