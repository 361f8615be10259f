//! How long rows hold, and how many are made at a time.

/// Microseconds for which rows are given again as they are.
pub(crate) const FRESH: i64 = 250_000;
/// Rows that are one batch: so many are made anew where one of them changes.
pub(crate) const BATCH: usize = 4_096;
