//! What the fleet asks of others.

use async_trait::async_trait;
use serde_json::Value;

use crate::Told;

/// Reaches devices that are connected. Nothing waits for it.
pub trait Tell: Send + Sync + std::fmt::Debug {
    /// Sends messages that follow from a change, which is durable already.
    fn tell(&self, messages: Vec<Told>);

    /// Ends the connections for which a credential was shown that is worth nothing any more: the name of a thing for its secret, or the
    /// id of a certificate.
    fn disconnect(&self, credential: &str);
}

/// Makes the documents of jobs what devices are told: they may name what only the platform can find, such as an artifact.
pub trait Documents: Send + Sync + std::fmt::Debug {
    /// Whether a job may have this document.
    ///
    /// # Errors
    /// Why it may not, for people.
    fn check(&self, document: &Value) -> Result<(), String>;

    /// The document as `thing` is told it now.
    fn fill(&self, document: Value, thing: &str) -> Value;
}

/// Answers statements in SQL, which people write into jobs and groups. Whoever answers sees to it that they read and change nothing, and
/// that they read no more than the platform shows to everybody who may change things.
#[async_trait]
pub trait Ask: Send + Sync + std::fmt::Debug {
    /// Nothing where this is a statement that can be asked once its tables are there.
    ///
    /// # Errors
    /// Why it never can, for people.
    fn check(&self, statement: &str) -> Result<(), String>;

    /// Whether the first column of the first row of what the statement gives is true. No row, and a null, are not.
    ///
    /// # Errors
    /// Why it cannot be evaluated, for people.
    async fn holds(&self, statement: &str) -> Result<bool, String>;

    /// The texts in the first column of what the statement gives, at most `most`.
    ///
    /// # Errors
    /// Why it cannot be evaluated, for people.
    async fn names(&self, statement: &str, most: usize) -> Result<Vec<String>, String>;
}
