//! Putting the rooms together: what starts in which order, what listens where, what stops when.

mod aws;
mod http;
mod listen;
mod local_token;
mod outbox;
mod people;
mod platform;
mod rooms;
mod running;
mod settings;
mod things;
mod up;
mod vitals;
mod workspace;

pub use running::{Running, start};
pub use settings::Settings;
pub use up::{UpOptions, up};
