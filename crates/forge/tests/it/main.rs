//! Tests of the room with real git over real HTTP.

#![expect(clippy::unwrap_used, reason = "tests")]

mod changes;
mod fixture;
mod hosting;
mod queue;
mod restart;
mod reviews;
