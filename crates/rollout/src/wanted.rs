//! What should be.

use std::collections::BTreeMap;

use crate::ReleaseId;

/// How a release should run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Its files should be here.
    Fetched,
    /// It should be stopped where it stands, ready to go on at once.
    Parked,
    /// It should run.
    Live,
}

/// What should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// How each release should run; those that are missing should not.
    pub modes: BTreeMap<ReleaseId, Mode>,
    /// The share of the requests for each, in percent: 100 together, or none where nothing can serve.
    pub shares: BTreeMap<ReleaseId, u8>,
}

impl Wanted {
    pub(crate) fn want(&mut self, release: ReleaseId, mode: Mode) {
        let known = self.modes.entry(release).or_insert(mode);
        *known = mode.max(*known);
    }
}
