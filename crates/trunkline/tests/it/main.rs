//! The command line from outside: the real binary, without a platform behind it.

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
mod serve;
mod tail;
