//! The lockfiles of all tools, each in a file of its own.

mod bun;
mod cargo;
mod go;
mod npm;
mod path;
mod pnpm;
mod poetry;
mod python;
mod reader;
mod uv;
mod yarn;

pub use reader::read;
