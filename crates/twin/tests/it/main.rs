//! The rules of shadows, each as AWS has it.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod laws;
mod rules;
