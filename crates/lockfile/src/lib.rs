//! Lockfiles: what every package manager wrote down, in one shape.
//!
//! [`read`] takes the bytes of a lockfile and gives a [`Lock`]: packages that need one another, and what each member of the workspace needs
//! of them. [`closure`] is a hash of all that a member reaches, by which a cache key or a plan of work tells whether a change of the lock
//! matters to that member; [`affected_members`] compares two locks so.
//!
//! Nothing here opens a file, runs a tool or asks a registry.

mod closure;
mod error;
mod format;
mod lock;

pub use closure::{affected_members, closure, closures};
pub use error::LockError;
pub use format::read;
pub use lock::{Format, Lock, Package, limits};
