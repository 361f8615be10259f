//! From bytes to a value. Every format gives the same tree, so that rules need not know which it was.

mod aliases;
mod cbor;
mod format;
mod json;
mod sparkplug;
mod tree;

pub use aliases::{AliasLimits, Aliases};
pub(crate) use format::Format;
pub(crate) use sparkplug::is_birth;
