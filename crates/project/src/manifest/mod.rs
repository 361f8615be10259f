//! Manifests: what each says by itself, before it is known what else is in the repository.

mod cargo;
mod go;
mod node;
mod python;
mod read;

#[cfg(test)]
pub(crate) use read::tests;
pub use read::{Manifest, is_manifest};
pub(crate) use read::{Need, Root, Wanted, Wrong};
