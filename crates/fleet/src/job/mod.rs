//! Jobs: what devices are to do, rolled out over many of them; the rules are those of `trunkline_job`.
//!
//! What a device asks and what the platform does of itself go the same way: the executions of one thing are loaded, the rules change
//! them, and the rows are written back with their events in one transaction. Devices are told after that.

mod desk;
mod executions;
mod fill;
mod gate;
mod http;
mod model;
mod request;
mod rollback;
mod row;
mod second;
mod service;
mod store;
mod sweep;
mod target;
mod watch;
mod worker;

pub(crate) use fill::Filler;
pub(crate) use http::routes;
pub use model::{
    ExecutionPage, ExecutionShown, JobPage, JobProgress, JobShown, JobSummary, NewJob,
};
pub(crate) use request::Requests;
pub(crate) use second::second;
pub(crate) use store::{MIGRATION, ROLLBACK, ROLLS_BACK, is_target};
pub(crate) use watch::Watches;
