//! Which projects of the repository the sources of a project name. Sources are read as text and not compiled, so whatever may be a use counts
//! as one, and only what cannot be anything else counts as an import.

mod go;
mod names;
mod node;
mod python;
mod rust;
mod scan;
mod word;

pub(crate) use scan::{Uses, scan};
