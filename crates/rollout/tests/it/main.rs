//! The room as a driver sees it.

mod chance;
mod judging;
mod life;
mod properties;
