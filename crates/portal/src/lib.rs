//! The developers' portal: what each service's API promises, what changed in it, and what traffic shows that no document says.
//!
//! Documents come as files of the workspace. Each version is kept, so that a change is known for what it breaks, whenever it is asked.

mod error;
mod http;
mod learned;
mod portal;
mod store;

pub use error::PortalError;
pub use http::routes;
pub use portal::{ApiFile, Portal, Promise};
