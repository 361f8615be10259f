//! The forge: git hosting, changes and their reviews, and the landing queue.
//!
//! A change needs no branch and no pull request: `git push trunk HEAD:refs/for/trunk` makes one of each commit, queues them, and tells the
//! pusher what becomes of them. The trunk moves by the queue alone, to commits whose tasks are green; how it comes to that is decided in
//! `trunkline-landing`, and done here. A change is the same change when its commit is amended.
//!
//! One port leads out: [`Workshop`] says which tasks a commit has and runs them.

mod comment;
mod config;
mod error;
mod event;
mod follow;
mod forge;
mod http;
mod intake;
mod logs;
mod model;
mod port;
mod push;
mod queue;
mod repositories;
mod review;
mod store;
mod upkeep;

pub use config::{Confinement, ForgeConfig};
pub use error::ForgeError;
pub use forge::{Forge, ForgeParts};
pub use http::{git_routes, routes};
pub use logs::LogPiece;
pub use model::{
    Change, ChangeDetails, ChangeState, Comment, Mode, NewComment, NewRepository, RepositoryInfo,
    Review, ReviewVerdict, Revision, Run, RunState, Side,
};
pub use port::{Lines, PlannedTask, RunEnd, RunOrder, Workshop};
pub use queue::{LaneReport, QueueReport, QueuedReport};
