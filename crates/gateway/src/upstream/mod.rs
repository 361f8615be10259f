//! Upstreams: where they are, whether they are well, and the connections to them.

mod budget;
mod connect;
mod health;
mod pool;
mod target;
mod upstream;

pub(crate) use connect::ConnectError;
pub(crate) use health::watch;
pub(crate) use pool::Sender;
pub(crate) use target::{InFlight, Target, TargetState};
pub(crate) use upstream::Upstream;
