//! Printing: data to stdout, everything else to stderr.

mod format;
mod human;
mod print;
mod progress;
pub mod style;
mod table;

pub use format::{Color, Format};
pub use human::{bytes, count, duration};
pub use print::{Printer, flatten};
pub use progress::{Progress, plural};
pub use table::Grid;
