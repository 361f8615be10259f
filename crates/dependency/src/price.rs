//! What packages cost, as somebody else measured it.

use trunkline_project::Ecosystem;

/// What one package costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Its bytes, for example those of its sources.
    pub bytes: Option<u64>,
    /// Milliseconds of building it.
    pub build_millis: Option<u64>,
}

/// Knows what packages cost, for example from records of tasks.
pub trait Prices {
    /// What `version` of `name` costs; nothing where nobody measured it.
    fn price(&self, ecosystem: Ecosystem, name: &str, version: &str) -> Option<Price>;
}

/// Nobody measured anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPrices;

impl Prices for NoPrices {
    fn price(&self, _ecosystem: Ecosystem, _name: &str, _version: &str) -> Option<Price> {
        None
    }
}
