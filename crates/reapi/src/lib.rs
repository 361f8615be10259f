//! The shared cache for builds by Bazel and what speaks as it does: the Remote Execution API without its execution.
//!
//! Four services of gRPC: `Capabilities`, `ContentAddressableStorage`, `ActionCache` and `ByteStream`. A content has its SHA-256 and its bytes for a
//! name; it is checked as it comes and as it goes, and lies in the store of results of tasks, under the same limit and beside what Turborepo and
//! Nx put there. What a caller puts in is the caller's own and seen by nobody else, unless the caller may `cache.trust`. A result of an action is
//! answered only where all that it names is there.

mod actions;
mod blobs;
mod cache;
mod capabilities;
mod contents;
mod digest;
mod error;
mod grpc;
pub mod message;
mod read;
mod resource;
mod tree;
mod uploads;
mod view;
mod whole;
mod write;

pub use cache::Reapi;
pub use error::ReapiError;
