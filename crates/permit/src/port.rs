//! What permissions need from outside.

use std::fmt;

use async_trait::async_trait;
use trunkline_model::{ErrorCode, Principal};

/// Takes the data of `trunkline.access.decision.v1` events, each a JSON object, to the log. It must not wait.
pub trait Audit: Send + Sync + fmt::Debug {
    /// Takes one.
    fn note(&self, data: &[u8]);
}

/// Knows who may hold a permission.
#[async_trait]
pub trait Holders: Send + Sync + fmt::Debug {
    /// The names of all teams. Asked for each statement, so it must be fast.
    fn teams(&self) -> Vec<String>;

    /// The person, service account or token with this id, address or name.
    ///
    /// # Errors
    /// The code of what kept it from looking.
    async fn called(&self, name: &str) -> Result<Option<Principal>, &'static ErrorCode>;
}
