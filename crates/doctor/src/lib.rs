//! What keeps a platform from running well: checks of a data directory, of ports, and of a running platform.

mod check;
mod files;
mod forge;
mod log;
mod platform;
mod ports;

pub use check::Check;
pub use files::files;
pub use forge::forge;
pub use log::log;
pub use platform::platform;
pub use ports::ports;
