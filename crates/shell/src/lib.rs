//! What every command of the command line stands on: the options that all have, the configuration, how a command fails, and how it speaks to a
//! platform over HTTP, or with a change for its landing queue.

mod chunks;
mod client;
mod config;
mod exit;
mod failure;
mod globals;
mod proposal;

pub use chunks::{Chunk, Chunks, LINES};
pub use client::{Client, Place, of_body, reachable};
pub use config::{
    Key, Kind, Loaded, Origin, Section, Sources, nearest, rows, schema, sections, toml_text,
};
pub use exit::Exit;
pub use failure::Failure;
pub use globals::Globals;
pub use proposal::{Mode, Proposal, Tool, Trunk};
