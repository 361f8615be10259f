//! Twins over a table in a folder and a log in memory.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod outlive;
mod support;
