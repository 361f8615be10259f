//! `service.toml`: what the platform has to know of a service and no other manifest says.
//!
//! One line is enough, the name; all else has a default or is seen in the manifest beside it.

mod amount;
mod check;
mod document;
mod section;

pub use amount::{Size, Span, Step};
pub(crate) use document::read;
pub use document::{Service, ServiceKind, ServiceTask};
pub use section::{DataStep, Deploy, Health, Rollback, Route, Rule, Run, Scale, Strategy};
