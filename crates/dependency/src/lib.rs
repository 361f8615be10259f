//! Dependencies: one version of everything in a repository of several languages, and what else a team should know of what it depends on.
//!
//! [`check`] looks at one commit: at the projects of its graph, at their manifests, their lockfiles and their sources, for Cargo, for npm and
//! its family, for Go and for Python in one pass. What it finds is a [`Report`]: an external that is there in several versions, ranges that
//! drifted apart, needs of other projects that nobody uses or nobody declared, known vulnerabilities, and licences. [`fix`] turns a report
//! into edits of manifests that keep their form and their comments; a lockfile is left to its own tool, and the command for that is named.
//!
//! Nothing is installed, no tool is run and no registry is asked. The commit is behind [`Sources`], prices are behind [`Prices`]; only
//! [`Installed`], which is such a list of prices, looks into folders of this machine.

mod advisory;
mod catalogue;
mod check;
mod error;
mod fix;
mod installed;
mod licence;
mod lock;
mod manifest;
mod message;
mod model;
mod path;
mod policy;
mod price;
mod rule;
mod source;
mod usage;
mod version;

pub use advisory::Advisories;
pub use check::{Inputs, check};
pub use error::DependencyError;
pub use fix::{Edit, Fixes, fix};
pub use installed::Installed;
pub use licence::{Expression, LicenceError};
pub use model::{Command, Cost, Finding, Fix, FixKind, Kind, Report};
pub use policy::{POLICY, Policy, Prefer};
pub use price::{NoPrices, Price, Prices};
pub use source::Sources;
