//! Files of the workspace, `bridge/<name>.toml`: what they may say, and what is wrong with them.

mod draft;
mod limits;
mod map;
mod problem;
mod server;
mod settings;

pub use limits::Limits;
pub use map::Map;
pub use problem::{BridgeFile, Problem};
pub use server::Server;
pub use settings::{Settings, Version};
