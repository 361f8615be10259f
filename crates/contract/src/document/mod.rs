//! Reading a document: JSON or YAML, its limits, its references, and OpenAPI 3.0 as if it were 3.1.

mod circles;
mod operations;
mod read;
mod upgrade;
mod verify;

pub use read::Document;

pub(crate) use operations::{RawOperation, is_method, operations};
