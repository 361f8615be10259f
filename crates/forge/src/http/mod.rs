//! The forge over HTTP: `/v1/repositories`, `/v1/changes`, `/v1/runs`, and git's own protocol below `/git`.

mod changes;
mod files;
mod git;
mod queue;
mod repositories;
mod routes;
mod runs;

pub use routes::{git_routes, routes};
