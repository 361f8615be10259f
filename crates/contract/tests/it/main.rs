//! The room's promises, held from outside.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod containment;
mod differences;
mod generate;
mod learning;
mod requests;
mod responses;
