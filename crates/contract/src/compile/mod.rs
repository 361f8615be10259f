//! From a document to what can be held against a request: path matchers, parameters, validators.

mod contract;
mod media;
mod operation;
mod parameter;
mod route;
mod schema;
mod view;

pub use contract::{CompileOptions, Contract};
pub use operation::{Operation, OperationRef};

pub(crate) use media::{Media, essence};
pub(crate) use operation::Compiled;
pub(crate) use parameter::{Parameter, Place, Style, Types};
pub(crate) use route::Found;
pub(crate) use view::{Direction as ViewDirection, view};
