//! `trunkline type`, `trunkline relation`, `trunkline template` and `trunkline authority`.

mod authority;
mod kind;
mod relation;
mod removal;
mod template;

pub(super) use authority::run as authority;
pub(super) use kind::run as kind;
pub(super) use relation::run as relation;
pub(super) use template::run as template;
