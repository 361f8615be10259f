//! Tests of the room against real git.

#![expect(clippy::unwrap_used, reason = "tests")]

mod fixture;
mod pushes;
mod reading;
mod rebasing;
