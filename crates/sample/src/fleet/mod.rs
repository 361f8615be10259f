//! The sample's devices: 200 of them, simulated, over MQTT like real ones.

mod registry;
mod run;

pub use run::run;
