//! OpenAPI documents: what a service promises, whether a request keeps to it, and what changed between two versions.
//!
//! Pure rules without I/O: `document` reads and bounds the text, `compile` makes matchers and validators of it, `check` holds requests and
//! responses against them, `diff` says what a new version breaks, `learn` drafts a document from what was seen in traffic.

mod check;
mod compile;
mod diff;
mod document;
mod error;
mod learn;
mod limits;
mod pointer;

pub use check::{Matched, Mismatch, Violation};
pub use compile::{CompileOptions, Contract, Operation, OperationRef};
pub use diff::{Change, Direction, Reading, Relation, Severity, breaking, compare, diff, diff_on};
pub use document::Document;
pub use error::ContractError;
pub use learn::{Endpoint, LearnLimits, Learner, Seen, SeenBody, Undocumented};
