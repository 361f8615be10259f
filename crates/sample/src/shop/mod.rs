//! The sample's service behind the gateway: its routes and its document in the workspace, and somebody who asks it.

mod ask;
mod service;

pub use ask::ask;
pub use service::serve;
