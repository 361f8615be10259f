//! What artifacts ask of others.

use async_trait::async_trait;

/// Why nobody could say what uses an artifact.
pub type NotKnown = Box<dyn std::error::Error + Send + Sync>;

/// Knows what uses artifacts.
#[async_trait]
pub trait InUse: Send + Sync + std::fmt::Debug {
    /// The id of a job that is not over and whose document names the artifact, where there is one.
    ///
    /// Asked within the change that removes the artifact, so it must read only, and on a connection of its own. A job that is made checks
    /// its document within its own change: one of the two then sees the other.
    ///
    /// # Errors
    /// Why it could not be found out; the artifact stays.
    async fn job_with(&self, name: &str, version: &str) -> Result<Option<String>, NotKnown>;
}
