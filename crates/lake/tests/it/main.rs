//! The lake over a real log and real files.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod erase;
mod exactly_once;
mod faults;
mod first_rows;
mod hot_and_cold;
mod queries;
mod s3;
mod shapes;
mod support;
mod views;
mod visible;
