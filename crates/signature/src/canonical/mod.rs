//! The one text that both sides make of a request, however it was written down.

mod encode;
mod headers;
mod path;
mod query;
mod text;

pub(crate) use encode::encoded;
pub use encode::percent_decoded;
pub(crate) use query::{pairs, raw_pairs};
pub(crate) use text::{ALGORITHM, Canonical, string_to_sign};
