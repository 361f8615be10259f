//! Bare git repositories: keeping them, git's smart protocol, and reading what is in them.
//!
//! Objects and packs are git's own business, so `git` is run for what changes them, in an environment that takes nothing from a person's
//! or a repository's configuration and runs no hook. What is only read is read in the process. This room knows no person and no rule of a
//! team: whoever calls it has decided that it may be done.
//!
//! A push is taken in steps, each of which can be its last: [`Push::read`] reads the commands before any object is read, [`Quarantine`]
//! keeps objects apart until git has checked them and all that they need is there, and [`Bare::update`] moves refs by compare-and-swap.

mod advertise;
mod bare;
mod blame;
mod change;
mod checkout;
mod commit;
mod diff;
mod error;
mod fetch;
mod files;
mod git;
mod history;
mod limits;
mod maintain;
mod name;
mod packet;
mod quarantine;
mod rebase;
mod receive;
mod refs;
mod remote;
mod report;

pub use advertise::{Protocol, Service};
pub use bare::Bare;
pub use blame::BlameLine;
pub use change::identity;
pub use commit::{Commit, Signature};
pub use diff::{DiffLine, FileDiff, FileStatus, Hunk, LineKind};
pub use error::RepositoryError;
pub use fetch::Fetched;
pub use files::{Entry, EntryKind, File};
pub use git::Git;
pub use limits::Limits;
pub use name::{check_ref_name, is_repository_name};
pub use packet::{FLUSH, Packets, band};
pub use quarantine::Quarantine;
pub use rebase::Rebased;
pub use receive::{Push, RefCommand};
pub use refs::{Ref, RefUpdate};
pub use remote::Remote;
pub use report::{Report, Verdict};
