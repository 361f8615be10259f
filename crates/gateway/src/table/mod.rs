//! The compiled routes: made once for each change, swapped as a whole, never changed after that but for weights.

mod compile;
mod cors;
mod find;
mod header;
mod path;
mod route;
mod stats;

pub(crate) use compile::{Context, compile};
pub(crate) use cors::Cors;
pub(crate) use find::{Found, Table};
pub(crate) use header::HeaderChanges;
pub(crate) use path::PathRule;
pub(crate) use route::{Mirror, Route, Side, Step};
pub(crate) use stats::Stats;
