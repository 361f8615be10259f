//! `trunkline command`, `job`, `group`, `artifact` and `thing import`.

mod artifact;
mod group;
pub(super) mod import;
mod job;
mod order;
mod pages;

pub(super) use artifact::run as artifact;
pub(super) use group::run as group;
pub(super) use job::{object, run as job};
pub(super) use order::run as order;
