//! Permissions as Cedar policies: what a principal may do, and which policy says so.
//!
//! Pure: files come in as text, questions as words, and nothing is kept but what they say. A question is never judged against all
//! policies: an index by the principal's and the resource's scope finds those that can have a say.

mod book;
mod built_in;
mod entity;
mod index;
mod judge;
mod problem;
mod schema;

pub use book::{Policies, PolicyFile, PolicyText};
pub use judge::{Answer, Facts};
pub use problem::PolicyProblem;
