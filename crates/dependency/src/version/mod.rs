//! The order of versions, which each ecosystem has its own of.

mod order;
mod python;

pub(crate) use order::Version;
