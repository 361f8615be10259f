//! Relations over a table in a folder, with a clock that stands still.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod forget;
mod http;
mod reach;
mod relations;
mod support;
