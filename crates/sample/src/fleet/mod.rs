//! The sample's devices: 200 of them, simulated, over MQTT like real ones.

mod registry;
mod run;
mod surroundings;

pub use run::run;
pub use surroundings::{DESCRIBED, JOB, KINDS, groups};
