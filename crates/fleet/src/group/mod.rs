//! Groups of things: those into which people put them, in a tree, and those that a statement in SQL makes up.

mod http;
mod model;
mod service;
mod store;

pub(crate) use http::routes;
pub use model::{Group, GroupChange, NewGroup};
pub(crate) use store::MIGRATION;
