//! What mirrors ask of others.

use std::fmt;

use async_trait::async_trait;
use gix::ObjectId;
use trunkline_repository::Bare;

use crate::MirrorError;

/// The repositories here.
#[async_trait]
pub trait Hosting: Send + Sync + fmt::Debug {
    /// What tells the repository `name` from all others there ever were, also from one of the same name before it; nothing where there is none.
    fn identity(&self, repository: &str) -> Option<String>;

    /// The repositories that follow an address.
    fn following(&self) -> Vec<String>;

    /// One repository; nothing where there is none of this name.
    fn bare(&self, repository: &str) -> Option<Bare>;

    /// Says which address the trunk follows, or none.
    ///
    /// # Errors
    /// [`MirrorError::Hosting`] where it cannot.
    async fn set_follows(
        &self,
        repository: &str,
        source: Option<String>,
        by: &str,
    ) -> Result<(), MirrorError>;

    /// Moves the trunk forward to what was fetched.
    ///
    /// # Errors
    /// [`MirrorError::Hosting`] where the two went apart.
    async fn follow_to(&self, repository: &str, tip: ObjectId) -> Result<(), MirrorError>;
}

/// What is shown to other sides.
pub trait Secrets: Send + Sync + fmt::Debug {
    /// The secret of this name.
    fn secret(&self, name: &str) -> Option<String>;
}
