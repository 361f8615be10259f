//! The lake: tables that follow the log, on object storage as Delta, in memory until then, and SQL over both.
//!
//! The lake reads the log by a cursor and never writes an event. It knows no protocol: a [`Decode`] turns records into rows.

mod config;
mod decode;
mod delta;
mod describe;
mod error;
mod follow;
mod lake;
mod maintain;
mod port;
mod registry;
mod rows;
mod schema;
mod sql;
mod storage;
mod table;
pub mod tables;
pub mod views;

pub use config::LakeConfig;
pub use describe::{FileDescription, LakeStats, TableDescription, ViewDescription};
pub use error::LakeError;
pub use follow::decode;
pub use lake::{CURSOR, Lake, Parts};
pub use port::{Decode, Present};
pub use rows::{RowSink, TableBuilder, TableRows};
pub use schema::{Column, ColumnType, DAY, OFFSET, TIME, TableSchema};
pub use sql::{
    AllVisible, Query, RowStream, RunningStatement, Sight, Statement, TEAM, Visible,
    asks_for_the_past, check_query, texts,
};
pub use storage::Storage;
pub use views::View;
