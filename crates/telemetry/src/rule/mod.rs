//! A rule: its file, and what it is made into.

mod column;
mod compile;
mod draft;
mod topic;

pub(crate) use column::RuleColumn;
pub(crate) use compile::Rule;
pub(crate) use topic::{INGEST, Topic};
