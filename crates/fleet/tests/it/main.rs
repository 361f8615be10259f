//! The fleet as the hub and the binary use it: jobs, groups and types over tables in a folder, with a clock that stands still.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod abort;
mod groups;
mod http;
mod jobs;
mod kinds;
mod requests;
mod rollback;
mod rollout;
mod support;
mod time;
mod twins;
