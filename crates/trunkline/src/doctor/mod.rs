//! Checks of a data directory, of ports, and of a running platform.

mod check;
mod files;
mod forge;
mod log;
mod platform;
mod ports;

pub(crate) use check::Check;
pub(crate) use files::files;
pub(crate) use forge::forge;
pub(crate) use log::log;
pub(crate) use platform::platform;
pub(crate) use ports::ports;
