//! Reading JSON in place: no tree, no copy, no allocation.
//!
//! The hot path takes thousands of small objects a request. A tree of values would cost more than all the rest, so both the door and
//! the decoder walk the text itself. The scanner accepts what RFC 8259 accepts, which a property test holds against `serde_json`.

mod scan;
mod text;
mod time;

#[cfg(test)]
pub(crate) use scan::value;
pub(crate) use scan::{ScanError, Text, Value, ValueKind, check, elements, members};
pub(crate) use text::{
    ObjectWriter, unescape, write_array, write_float, write_string, write_whole,
};
#[cfg(test)]
pub(crate) use time::read_time;
pub(crate) use time::time_of;

#[cfg(test)]
mod tests;
