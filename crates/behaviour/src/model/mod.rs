//! Models.

mod beside;
mod compile;
mod compiler;
mod entries;
mod lookup;
mod output;
mod parts;
mod predict;
mod step;
mod topic;

pub(crate) use beside::Seen;
pub use parts::Model;
pub use predict::Prediction;
pub use step::{Step, Transition};
