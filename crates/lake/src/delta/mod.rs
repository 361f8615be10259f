//! Delta tables: their shape, their files and their commits.

mod file;
mod shape;
mod statistics;
mod table;

pub(crate) use file::{ColdFile, NewFile};
pub(crate) use shape::{delta_field, delta_fields};
pub(crate) use statistics::FileStatistics;
pub(crate) use table::{Change, Cold, DeltaFiles};
