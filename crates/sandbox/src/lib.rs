//! Runs a command with the least that it needs: what it may read and write, and nothing else of this machine.
//!
//! The platform's own program is started again as a launcher, which confines itself and then becomes the command; nothing of it needs more than
//! the user has who runs the platform. Two steps do it: [`launch`] makes namespaces (users, mounts, processes, network, names), and in
//! them a copy of it shuts out the file system by Landlock and system calls by seccomp, and becomes the shell. Most of that does not depend on what is
//! to be run, so the next launcher is started ahead and waits for its request.
//!
//! Where the machine lacks a piece the rest is used; [`Sandbox::level`] says what there is, and a caller may refuse to run with less.

mod error;
mod frame;
mod launcher;
mod level;
mod request;
mod sandbox;
mod shape;
mod started;
mod warm;

#[cfg(target_os = "linux")]
mod beneath;
#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod inner;
#[cfg(target_os = "linux")]
mod loopback;
#[cfg(target_os = "linux")]
mod outer;

pub use error::SandboxError;
pub use launcher::{ARGUMENT, launch};
pub use level::Level;
pub use request::{Checkout, Request};
pub use sandbox::Sandbox;
pub use started::Started;
