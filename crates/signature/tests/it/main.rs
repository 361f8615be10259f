//! The rules of the room, held against what AWS's own client signs.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod botocore;
mod laws;
mod published;
mod rules;
mod support;
