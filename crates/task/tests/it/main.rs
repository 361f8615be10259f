//! Tasks of real repositories, run for real.

#![expect(clippy::unwrap_used, reason = "tests")]

mod disk;
mod fixture;
mod outputs;
mod planning;
mod remembering;
mod results;
mod running;
mod untracked;
