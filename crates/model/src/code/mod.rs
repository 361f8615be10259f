//! Error codes: what a person can look up, quote to a colleague and act upon.
//!
//! Each code has a page `docs/errors/<CODE>.md`, which `trunkline explain <CODE>` prints. A code is never reused.

#[macro_use]
mod declare;
mod access;
mod api;
mod cli;
mod entry;
mod ingest;
mod lake;
mod log;
mod store;
mod web;

pub use access::*;
pub use api::*;
pub use cli::*;
pub use entry::{Coded, ErrorCode, all, find};
pub use ingest::*;
pub use lake::*;
pub use log::*;
pub use store::*;
pub use web::*;
