//! `trunkline sql` and `trunkline tail`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::engine::ArgValueCandidates;

use super::complete;

/// A statement.
#[derive(Debug, Args)]
pub(crate) struct Sql {
    /// The statement; standard input where neither it nor a file is given
    #[arg(value_name = "QUERY", conflicts_with = "file")]
    pub(crate) query: Option<String>,
    /// A file with the statement
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// At most this many rows [default: 1000 as table or json, all as jsonl or csv]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Seconds that it may run [default: as the platform is configured]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
}

/// What to follow.
#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Where to begin: an offset, `earliest` or `latest`
    #[arg(long, value_name = "OFFSET", default_value = "latest")]
    pub(crate) from: String,
    /// Only rows of this table; may be repeated
    #[arg(long, value_name = "TABLE", value_delimiter = ',', add = ArgValueCandidates::new(complete::tables))]
    pub(crate) table: Vec<String>,
    /// Only rows that hold this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) contains: Option<String>,
    /// End after this many rows
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
}
