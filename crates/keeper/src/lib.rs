//! The keeper: a small process that holds the processes of services, so that they outlive the platform.
//!
//! The platform starts it once something has to run, and speaks to it over a socket in its data directory ([`Keeper`]). Where the platform ends,
//! however it does, the keeper stays with all that it holds, and the next platform finds it there. What nobody asks about for long ends after all:
//! nothing is left behind. Its program is the platform's own, started with [`ARGUMENT`].
//!
//! What it speaks stays as it is: an old keeper meets a new platform.

mod client;
mod error;
mod hold;
mod kept;
mod key;
mod log;
mod process;
mod protocol;
mod serve;
mod sockets;

pub use client::Keeper;
pub use error::KeeperError;
pub use process::{ARGUMENT, keep};
pub use protocol::{Ended, Order, Seen, Stand};
