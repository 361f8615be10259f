//! Putting the rooms together into a platform: what starts in which order, what listens where, what stops when; its configuration, and what lies
//! where in its data directory.

mod artifacts;
mod aws;
mod config;
mod data_dir;
mod forge;
mod http;
mod lfs;
mod listen;
mod local_token;
mod mirror;
mod outbox;
mod people;
mod platform;
mod rooms;
mod running;
mod services;
mod settings;
mod things;
mod vitals;
mod workspace;

pub use config::{Config, OtlpConfig, WorkspaceConfig};
pub use data_dir::{DataDir, DataDirError, write_private};
pub use running::{Running, start};
pub use settings::{About, Settings};
