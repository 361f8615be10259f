//! The room with processes, routes and tables that a test decides about.

#![expect(clippy::unwrap_used, reason = "tests")]

mod fakes;
mod life;
