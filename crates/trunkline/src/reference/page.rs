//! Which pages there are.

use clap::ValueEnum;

use super::{cli, config, errors, events};

/// A page of docs/reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Page {
    /// Every command with its options
    Cli,
    /// Every key of the configuration
    Config,
    /// Every error code
    Errors,
    /// Every event type of the platform
    Events,
}

/// The page in Markdown.
pub(crate) fn print(page: Page) -> String {
    let (title, body) = match page {
        Page::Cli => ("Command line", cli::body()),
        Page::Config => ("Configuration", config::body()),
        Page::Errors => ("Error codes", errors::body()),
        Page::Events => ("Events of the platform", events::body()),
    };
    let note = "Written by `cargo xtask reference` from the code; change it there.";
    format!("# {title}\n\n<!-- {note} -->\n\n{}\n", body.trim())
}

/// Text that stands in one cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
