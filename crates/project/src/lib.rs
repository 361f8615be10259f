//! Projects: what a monorepo consists of, what needs what, and what a change touches.
//!
//! A project is a folder with a manifest: a Cargo package, a package of npm, pnpm, yarn or bun, a Go module, a Python project of uv or
//! Poetry, or a service that only `service.toml` describes. [`Graph`] is made of the manifests of one commit alone: nothing is installed, no
//! other tool is run, and a bare repository is enough. [`affected`] says which projects a range of commits touches, and why.
//!
//! A manifest that cannot be read is a [`Finding`], never the end: one broken file must not stop a team. Nothing here decides what is run.

mod affected;
mod error;
mod glob;
mod graph;
mod locks;
mod manifest;
mod model;
mod path;
mod repository;
mod resolve;
pub mod service;
mod shared;

pub use affected::{Affected, Change, Reason, affected};
pub use error::ProjectError;
pub use graph::{Edge, Graph, Project, Workspace};
pub use locks::{Closures, Locks};
pub use manifest::{Manifest, is_manifest};
pub use model::{Dependency, DependencyKind, Ecosystem, External, Finding};
pub use repository::{Comparison, Repository, Revision};
pub use service::{Service, ServiceKind};
