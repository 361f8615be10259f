//! Manifests once more, this time with the places of what they say, so that they can be edited.

mod cargo;
mod declaration;
mod go;
mod json;
mod list;
mod node;
mod python;
mod toml_text;

pub(crate) use declaration::{Declaration, Described, Origin, describe};
