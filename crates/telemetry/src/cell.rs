//! The rows that come out.

use std::borrow::Cow;

use trunkline_model::Timestamp;

/// A row of one of the tables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'r, 'a> {
    /// When it happened: what the column `time` of the rule says, else when the message was received.
    pub time: Timestamp,
    /// A cell for each column of the table.
    pub cells: &'r [Cell<'a>],
}

/// A value in the type of its column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// For a column of the type string, and for JSON as text.
    Text(Cow<'a, str>),
    /// For a column of the type integer.
    Integer(i64),
    /// For a column of the type float; always finite.
    Float(f64),
    /// For a column of the type boolean.
    Boolean(bool),
    /// For a column of the type timestamp, in the years 1 to 9999.
    Time(Timestamp),
}

impl Cell<'_> {
    /// Bytes of its text.
    pub(crate) fn text_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => 0,
        }
    }
}
