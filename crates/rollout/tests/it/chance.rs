//! Repeatable chance.

use trunkline_model::Ulid;
use trunkline_rollout::{DeploymentId, ReleaseId};

/// A generator after Steele and Lea (SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How many of `tries` come true with the probability `share`.
    pub(crate) fn binomial(&mut self, tries: u64, share: f64) -> u64 {
        (0..tries).filter(|_| self.share() < share).count() as u64
    }
}

pub(crate) fn release(number: u128) -> ReleaseId {
    ReleaseId::new(Ulid::from(number))
}

pub(crate) fn deployment(number: u128) -> DeploymentId {
    DeploymentId::new(Ulid::from(number))
}
