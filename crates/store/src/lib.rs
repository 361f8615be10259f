//! Control state: what the platform must remember beside the events, in one SQLite file.
//!
//! A change writes its rows and its event in one transaction; the [`outbox`] then carries the event to the log. This crate holds no
//! business rule: each domain brings its own [`Migration`]s and its own statements.
//!
//! The seam to another database is [`Connection`] and [`Transaction`]: rooms write plain SQL (`$1`, `returning`, no SQLite functions,
//! times as integers of microseconds) and never name the driver's types, so that a second adapter changes this crate and the
//! rooms' `create table` texts alone.

pub mod column;
mod config;
mod error;
mod migrate;
pub mod outbox;
mod store;
mod transaction;

pub use config::StoreConfig;
pub use error::StoreError;
pub use migrate::Migration;
pub use store::{Connection, Pool, Row, Store};
pub use transaction::Transaction;
