//! Checks of made-up repositories, and of this one.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod drift;
mod duplicate;
mod guard;
mod installed;
mod own;
mod usage;
mod world;
