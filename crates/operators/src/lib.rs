//! What the SQL engine does slowly, done quickly: operators, the rules that put them into plans, and functions.
//!
//! Everything here is `DataFusion`'s in meaning and gives the same answers without it. It knows no table of the lake and no event.

mod batched;
mod columns;
mod first_row;
mod install;
mod nodes;
mod once_per_text;
mod ranges;
mod stretches;
mod utc;
mod wrapped;
mod yielding;

pub use install::{register, rules};
pub use utc::quick_date_trunc;
