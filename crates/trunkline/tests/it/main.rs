//! The command line from outside: the real binary, without a platform behind it.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod completion;
mod config;
mod exits;
mod explain;
mod help;
mod ingest;
mod offline;
mod output;
mod pipes;
mod program;
mod project;
mod serve;
mod tail;
