//! Tasks of real repositories, run for real.

#![expect(clippy::unwrap_used, reason = "tests")]

mod fixture;
mod planning;
mod results;
mod running;
