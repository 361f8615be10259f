//! The gateway with real sockets on both sides.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod admission;
mod change;
mod http2;
mod proxying;
mod smuggling;
mod streaming;
mod support;
mod upgrade;
