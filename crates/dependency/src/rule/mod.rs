//! The rules, each of which looks for one kind of thing.

pub(crate) mod drift;
pub(crate) mod duplicate;
pub(crate) mod licence;
pub(crate) mod usage;
pub(crate) mod vulnerability;
