//! The gateway with real sockets on both sides.

mod admission;
mod change;
mod proxying;
mod smuggling;
mod support;
mod upgrade;
