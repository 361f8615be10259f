//! Bridges between two real brokers: Mosquitto stands for ours and for the other.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it expects by failing"
)]

mod broker;
mod changes;
mod client;
mod fake;
mod files;
mod guard;
mod limits;
mod outages;
mod refusals;
mod rig;
mod secure;
mod sessions;
