//! What the lake needs from outside.

use trunkline_log::Record;

use crate::RowSink;

/// Turns the records of the log into rows.
///
/// The lake knows no protocol: who writes a kind of record also knows how to read it.
pub trait Decode: Send + Sync + std::fmt::Debug {
    /// Writes the rows of `record` to `sink`.
    ///
    /// It must be a pure function of the record and the sink's tables, since a restart decodes the same records again. It never
    /// fails: a message that it cannot read becomes a row of `dead_letters`.
    fn decode(&self, record: &Record, sink: &mut RowSink);
}
