//! Who knows which things there are, and who hears that one is gone.

use std::sync::Arc;

use trunkline_fleet::Fleet;

/// The things of the fleet.
#[derive(Debug)]
pub(super) struct OfFleet(pub(super) Arc<Fleet>);

impl trunkline_command::Things for OfFleet {
    fn is_there(&self, name: &str) -> bool {
        self.0.kind_of(name).is_some()
    }
}

impl trunkline_topology::Things for OfFleet {
    fn is_there(&self, name: &str) -> bool {
        self.0.kind_of(name).is_some()
    }
}
