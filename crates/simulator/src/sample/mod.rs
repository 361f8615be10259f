//! The fleet of the sample: pumps, the meters beside them, and the gateways through which both are heard.

mod faults;
mod fleet;

pub use faults::faults;
pub use fleet::{SampleThing, fleet};
