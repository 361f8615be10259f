//! Commands over a table in a folder, with a clock that stands still and a broker that writes down what it is handed.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod answers;
mod delivery;
mod forget;
mod http;
mod limits;
mod log;
mod sending;
mod support;
mod time;
