//! The console over HTTP, with a build of its own in a temporary folder.
#![expect(
    clippy::unwrap_used,
    reason = "in the helpers of a test a panic is the failure"
)]

mod build;
mod serve;
