//! Where the sample sends.

/// An address, and what opens it.
#[derive(Clone)]
pub struct Target {
    /// The address, such as `http://127.0.0.1:7070`.
    pub base: String,
    /// An API token that may write.
    pub token: String,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Target")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
