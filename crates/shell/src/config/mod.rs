//! The configuration: one `trunkline.toml`, whose sections belong to the rooms.
//!
//! A value comes from a flag, else from the environment, else from the file, else it is the default. Unknown names are refused.

mod environment;
mod file;
mod load;
mod origin;
mod secret;
mod setting;
mod shape;
mod show;
mod validate;

pub use load::{Loaded, Sources};
pub use origin::Origin;
pub use setting::nearest;
pub use shape::{Key, Kind, Section, schema, sections};
pub use show::{rows, toml_text};
