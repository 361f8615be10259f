//! SQL over the tables: planning, running, limiting.

mod batched;
mod catalog;
mod engine;
mod files;
mod first_row;
mod functions;
mod nodes;
mod once_per_text;
mod plan;
mod provider;
mod prune;
mod ranges;
mod running;
mod scan;
mod stretches;
mod utc;
mod wrapped;
mod yielding;

pub(crate) use engine::Engine;
pub(crate) use files::{count_matches, matching_rows, merged_rows};
pub use running::{Query, RowStream, RunningStatement, Statement};
