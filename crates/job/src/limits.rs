//! How large things may be.

/// Limits of requests, jobs and lists; the defaults are those of AWS, where AWS has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request.
    pub request_bytes: usize,
    /// Bytes of a client token.
    pub token_bytes: usize,
    /// Pairs of a name and a value that say more about a status.
    pub details: usize,
    /// Characters of the name of such a pair.
    pub detail_name: usize,
    /// Characters of the value of such a pair.
    pub detail_value: usize,
    /// Executions that a list for a device has at the most.
    pub listed: usize,
    /// Bytes of a job's document, as JSON without blanks.
    pub document_bytes: usize,
    /// How many objects or arrays may lie in one another in a job's document.
    pub document_depth: usize,
    /// Things that a job can name as its targets.
    pub targets: usize,
    /// Criteria by which a job aborts itself.
    pub abort_criteria: usize,
    /// Stages of a rollout.
    pub stages: usize,
    /// Bytes of one statement of a gate.
    pub statement_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 128 * 1024,
            token_bytes: 64,
            details: 10,
            detail_name: 128,
            detail_value: 1_024,
            listed: 10,
            document_bytes: 32 * 1024,
            document_depth: 64,
            targets: 10_000,
            abort_criteria: 10,
            stages: 10,
            statement_bytes: 8 * 1024,
        }
    }
}
