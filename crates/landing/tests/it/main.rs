//! Whole queues, driven by a model that knows the truth.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod driver;
mod figures;
mod properties;
mod rules;
mod script;
mod truth;
