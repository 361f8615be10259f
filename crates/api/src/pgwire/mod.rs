//! SQL over the PostgreSQL protocol: `psql`, drivers and BI tools.
//!
//! Any user name and the database `trunkline`; the password is an API token. Statements run under the same limits as over HTTP.

mod answer;
mod hook;
mod serve;
mod sessions;
mod sign_in;

pub use serve::{PgwireError, serve};
