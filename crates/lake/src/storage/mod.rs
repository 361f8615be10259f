//! Where the tables' files lie: a local folder or S3.

mod durable;
mod open;

pub use open::Storage;
