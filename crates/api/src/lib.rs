//! The outside of the platform: SQL, tail, tables and system over HTTP, SQL over the PostgreSQL protocol, and the OpenAPI document.
//!
//! It composes the routers of the rooms below and holds no business rule of its own.

mod config;
mod error;
mod errors;
mod health;
mod metrics;
mod openapi;
pub mod pgwire;
mod port;
mod queries;
mod router;
mod sight;
mod sql;
mod state;
mod system;
mod tables;
mod tail;

pub use config::{ApiConfig, PgwireConfig};
pub use error::ApiError;
pub use openapi::document;
pub use port::{Disk, IngestTotals, Listener, LogTotals, Platform, Process, Vitals};
pub use router::{open_routes, router};
pub use state::Api;
