//! Events, ids, time and error codes: the words that every room of Trunkline shares.
//!
//! This crate does no I/O, knows no configuration and has no async runtime. Whatever only one room needs belongs in that room.

pub mod action;
pub mod catalogue;
pub mod code;
mod event;
mod id;
mod principal;
mod time;

pub use code::{Coded, ErrorCode};
pub use event::{Event, EventError, SPEC_VERSION};
pub use id::{IdGen, RandomIds, SeededIds, TypedId, Ulid, kind};
pub use principal::{Principal, PrincipalKind, Role, Scope};
pub use time::{Clock, ManualClock, SystemClock, Timestamp, TimestampError};
