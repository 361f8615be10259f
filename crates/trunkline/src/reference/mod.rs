//! The pages of `docs/reference`, written from the code itself. `cargo xtask reference` puts them into the tree.

mod cli;
mod config;
mod errors;
mod events;
mod page;

pub(crate) use page::{Page, print};
