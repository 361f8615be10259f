//! A platform in the process, its clock in the hands of the test.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod clock;
