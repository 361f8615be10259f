//! What large files ask of others.

use std::fmt;

/// Which repositories there are.
pub trait Repositories: Send + Sync + fmt::Debug {
    /// What tells the repository `name` from all others there ever were, also from one of the same name before it, in letters, digits and `-`;
    /// nothing where there is none.
    fn identity(&self, name: &str) -> Option<String>;

    /// The identities of all.
    fn identities(&self) -> Vec<String>;
}
