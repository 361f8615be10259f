//! What lies on this machine: the one place of the room that opens files by itself.

mod node;
mod places;
mod prices;
mod python;
mod size;

pub use prices::Installed;
