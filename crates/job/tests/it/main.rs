//! The rules of jobs, each as AWS has it.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod ends;
mod job;
mod laws;
mod list;
mod requests;
mod rollout;
mod support;
mod timers;
