//! `trunkline repository`, `change` and `queue`.

mod change;
mod mirror;
mod queue;
mod repository;

pub(super) use change::run as change;
pub(super) use queue::run as queue;
pub(super) use repository::run as repository;
