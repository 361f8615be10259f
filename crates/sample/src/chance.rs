//! Chance, as much of it as pretend traffic needs.

use trunkline_model::IdGen;

/// Draws numbers from the platform's own source of chance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance<'a>(pub(super) &'a dyn IdGen);

impl Chance<'_> {
    /// `count` bytes, for an id.
    pub(super) fn bytes(self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill_secret(&mut bytes);
        bytes
    }

    /// A number from 0 up to, but not including, `limit`.
    pub(super) fn below(self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill_secret(&mut bytes);
        u64::from_le_bytes(bytes) % limit.max(1)
    }

    /// One in `count` times true.
    pub(super) fn one_in(self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// A duration in microseconds that is mostly near `usual`, and now and then several times as long.
    pub(super) fn duration(self, usual: u64) -> u64 {
        let near = usual / 2 + self.below(usual.max(1));
        if self.one_in(20) {
            near * (2 + self.below(5))
        } else {
            near
        }
    }
}
