//! How much a request may say. Larger ones are refused before they are read to their end.

use std::time::Duration;

/// How long the body may take from its beginning to its end.
pub(crate) const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Bytes of the body of most requests.
pub(crate) const BODY: usize = 64 * 1024;

/// Bytes of a message, as AWS has it; a shadow never has so many.
pub(crate) const MESSAGE: usize = 128 * 1024;

/// Bytes of a job: its document, and the names of up to ten thousand things.
pub(crate) const JOB: usize = 2 * 1024 * 1024;

/// Bytes of a topic.
pub(crate) const TOPIC: usize = 256;

/// Entries of a page.
pub(crate) const PAGE: usize = 250;

/// Entries of a page where nothing is said.
pub(crate) const PAGE_DEFAULT: usize = 100;

/// Entries that are looked at for one page of those that are wanted; then the page ends, and the next one goes on from there.
pub(crate) const LOOKED_AT: usize = 10_000;
