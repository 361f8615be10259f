//! Permissions: the team's policies, judged for each question, and the audit of what was decided.
//!
//! The one implementation of the port [`trunkline_web::Authorize`]. It knows nobody: who is called what, and which teams there are, it
//! asks through [`Holders`].

mod audit;
mod cache;
mod check;
mod error;
mod http;
mod permits;
mod port;

pub use check::{Checked, CheckedPolicy, CheckedPrincipal};
pub use error::PermitError;
pub use http::routes;
pub use permits::Permits;
pub use port::{Audit, Holders};
pub use trunkline_policy::{PolicyFile, PolicyProblem};
