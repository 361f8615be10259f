//! What changed between two versions of a document, and whom it breaks.
//!
//! One law gives the severity. A request may not be narrowed: what clients send must still be taken. A response may not be widened: what
//! clients get must still be what they know. What cannot be decided is a warning. `schema` decides whether one schema contains another;
//! the rest finds the places and gives the changes their names.

mod body;
mod change;
mod document;
mod leaves;
mod operation;
mod parameter;
mod response;
mod schema;
mod security;
mod walk;

pub use change::{Change, Direction, Severity, breaking};
pub use document::{diff, diff_on};
pub use schema::{Reading, Relation, compare};
