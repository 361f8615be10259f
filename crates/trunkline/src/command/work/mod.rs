//! `trunkline command`, `trunkline job` and `trunkline group`.

mod group;
pub(super) mod import;
mod job;
mod order;
mod pages;

pub(super) use group::run as group;
pub(super) use job::run as job;
pub(super) use order::run as order;
