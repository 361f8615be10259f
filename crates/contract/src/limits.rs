//! The limits that keep a document, a request or a stream of observations from taking memory and time without end.

/// Bytes that a document may have.
pub(crate) const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;
/// How deep a document may be nested.
pub(crate) const DOCUMENT_DEPTH: usize = 64;
/// Operations that a document may have.
pub(crate) const OPERATIONS: usize = 5_000;
/// References that may lead one to the next.
pub(crate) const REFERENCE_CHAIN: usize = 32;
/// Violations that are told of one request or response.
pub(crate) const VIOLATIONS: usize = 16;
/// Characters of anything from a request that a message repeats.
pub(crate) const ECHO: usize = 80;
/// Elements of one array or object in a parameter.
pub(crate) const PARAMETER_ELEMENTS: usize = 1_000;
/// Bytes that one compiled pattern may take.
pub(crate) const PATTERN_BYTES: usize = 1024 * 1024;
/// Steps that the comparison of two schemas may take before it says that it does not know.
pub(crate) const COMPARE_STEPS: usize = 20_000;
/// Steps that all comparisons of two documents may take together; what comes after is a warning.
pub(crate) const DIFF_STEPS: usize = 1_000_000;
/// How deep the comparison of two schemas looks.
pub(crate) const COMPARE_DEPTH: usize = 40;
/// Alternatives into which one schema is taken apart.
pub(crate) const ALTERNATIVES: usize = 64;
/// Changes that a comparison of two documents tells.
pub(crate) const CHANGES: usize = 10_000;
