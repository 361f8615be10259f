//! The driver of the landing queue.
//!
//! The rules (`trunkline-landing`) say what is to be done next; one actor for each repository does it: it merges candidates, runs their tasks,
//! and moves the trunk. What it hears back it hands to the rules again. What must survive is in tables and in git before anybody is told.

mod actor;
mod follow;
mod group;
mod handle;
mod land;
mod plan;
mod refuse;
mod report;
mod runs;

pub(crate) use follow::{Follower, Note, Outcome};
pub(crate) use handle::Queue;
pub use report::{LaneReport, QueueReport, QueuedReport};
