//! Error codes: what a person can look up, quote to a colleague and act upon.
//!
//! Each code has a page `docs/errors/<CODE>.md`, which `trunkline explain <CODE>` prints. A code is never reused.

#[macro_use]
mod declare;
mod access;
mod admission;
mod api;
mod artifact;
mod cli;
mod command;
mod contract;
mod dependency;
mod entry;
mod fleet;
mod forge;
mod gateway;
mod ingest;
mod issuer;
mod lake;
mod landing;
mod lfs;
mod log;
mod mirror;
mod permit;
mod portal;
mod project;
mod repository;
mod run;
mod sandbox;
mod store;
mod task;
mod topology;
mod web;

pub use access::*;
pub use admission::*;
pub use api::*;
pub use artifact::*;
pub use cli::*;
pub use command::*;
pub use contract::*;
pub use dependency::*;
pub use entry::{Coded, ErrorCode, all, find};
pub use fleet::*;
pub use forge::*;
pub use gateway::*;
pub use ingest::*;
pub use issuer::*;
pub use lake::*;
pub use landing::*;
pub use lfs::*;
pub use log::*;
pub use mirror::*;
pub use permit::*;
pub use portal::*;
pub use project::*;
pub use repository::*;
pub use run::*;
pub use sandbox::*;
pub use store::*;
pub use task::*;
pub use topology::*;
pub use web::*;
