//! `cargo xtask tidy`: the rules of the house that neither rustc nor clippy holds.
//!
//! Each rule is a function from the [`tree::Tree`] to [`finding::Finding`]s and has its own file; numbers, patterns and exceptions stand
//! in `xtask/tidy.toml`, the floors in `xtask/layers.toml`.

mod codes;
mod dependencies;
mod finding;
mod forbidden;
mod forgotten;
mod function;
mod layers;
mod licence;
mod lock;
mod manifest;
mod prettier;
mod registry;
mod rules;
mod run;
mod shape;
mod size;
mod tests_layout;
mod tree;

pub(crate) use run::run;
