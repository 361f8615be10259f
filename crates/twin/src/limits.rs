//! How large a twin may be.

/// Limits of one document and of the requests that change it; the defaults are those of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the state as JSON without blanks; the metadata does not count.
    pub document_bytes: usize,
    /// Bytes of a request.
    pub request_bytes: usize,
    /// How many objects or arrays may lie in one another within a section.
    pub depth: usize,
    /// Bytes of a client token.
    pub token_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 8 * 1024,
            request_bytes: 128 * 1024,
            depth: 8,
            token_bytes: 64,
        }
    }
}
