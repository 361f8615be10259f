//! Mirrors: a repository that follows one elsewhere, or is followed by it, by plain git.
//!
//! A team that comes from GitHub, GitLab or Gitea goes over step by step: first its repository here follows the one there, and its tasks run
//! and its tables fill; then the trunk lands here, and the one there follows. Neither direction ever throws a commit away: a branch is only
//! moved forward, and where the two went apart somebody is told.
//!
//! A mirror is looked after when its trunk moved, when the other side's webhook says that something was pushed, and every few minutes all the
//! same, since webhooks are lost. Two ports lead out: [`Hosting`] to the repositories, [`Secrets`] to what is shown to the other side.

mod address;
mod config;
mod error;
mod event;
mod http;
mod mirrors;
mod model;
mod port;
mod store;
mod sync;
mod webhook;

pub use config::MirrorConfig;
pub use error::MirrorError;
pub use http::{open_routes, routes};
pub use mirrors::{MirrorParts, Mirrors};
pub use model::{Direction, Mirror, MirrorState, NewMirror, WebhookInfo};
pub use port::{Hosting, Secrets};
