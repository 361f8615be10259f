//! The post of one service: what is known of it, and the turns that make it as it should be.

mod book;
mod fetch;
mod instance;
mod probe;
mod reconcile;
mod start;
mod turn;
mod verdict;

pub(crate) use book::{Book, Post};
pub(crate) use fetch::remove_beside;
pub(crate) use instance::{Instance, Label};
pub(crate) use verdict::evidence;
