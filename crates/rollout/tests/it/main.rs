//! The room as a driver sees it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod chance;
mod judging;
mod life;
mod properties;
