//! Large files of repositories, by the batch API of Git LFS.
//!
//! A repository has a pointer of three lines where a large file would be; the file itself is an object of its own, named by its SHA-256, in the
//! object storage that the lake lies in. An object is checked as it comes and has its name only when all of it came, so that there is never
//! half of one. What is known of objects is in a table, and is written with its event in one transaction.
//!
//! Each repository has its own objects: whoever may read one repository learns nothing of another's. One port leads out: [`Repositories`]
//! says which repositories there are.

mod batch;
mod config;
mod error;
mod http;
mod objects;
mod port;
mod receive;
mod store;

pub use config::LfsConfig;
pub use error::LfsError;
pub use http::routes;
pub use objects::{LargeFiles, LfsParts};
pub use port::Repositories;
