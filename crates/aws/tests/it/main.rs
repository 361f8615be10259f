//! The APIs as programs use them: signed requests over a real fleet.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod broker;
mod certificates;
mod executions;
mod foreign;
mod groups;
mod jobs;
mod keys;
mod kinds;
mod messages;
mod shadows;
mod signatures;
mod support;
mod things;
