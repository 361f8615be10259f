//! Devices against a real broker, and fleets that are run ahead.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod broker;
mod devices;
mod faults;
mod plans;
mod platform;
mod scenarios;
mod support;
mod tls;
