//! SQL over the tables: views, planning, running, limiting.

mod catalog;
mod engine;
mod files;
mod functions;
mod parse;
mod past;
mod plan;
mod provider;
mod prune;
mod running;
mod scan;
mod texts;
mod view;
mod visible;

pub(crate) use engine::Engine;
pub(crate) use files::{count_matches, matching_rows, merged_rows};
pub use parse::check_query;
pub use past::is_asked as asks_for_the_past;
pub use running::{Query, RowStream, RunningStatement, Statement};
pub use texts::texts;
pub(crate) use view::PlannedView;
pub use visible::{AllVisible, Sight, TEAM, Visible};
