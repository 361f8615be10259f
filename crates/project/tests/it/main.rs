//! Projects of real repositories.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod cargo;
mod repository;
