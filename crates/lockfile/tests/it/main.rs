//! Locks of real repositories and of made-up ones.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod closures;
mod own;
