//! Printing: data to stdout, everything else to stderr.

mod format;
mod human;
mod print;
mod progress;
pub(crate) mod style;
mod table;

pub(crate) use format::{Color, Format};
pub(crate) use human::{bytes, count, duration};
pub(crate) use print::{Printer, flatten};
pub(crate) use progress::{Progress, plural};
pub(crate) use table::Grid;
