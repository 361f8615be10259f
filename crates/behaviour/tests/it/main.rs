//! How models behave.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod laws;
mod models;
mod predict;
mod problems;
mod rules;
mod shipped;
mod support;
mod watch;
