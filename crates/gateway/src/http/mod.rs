//! `/v1/gateway`.

mod routes;
mod try_it;

pub use routes::{PlanView, Plans, UsageView, routes};
