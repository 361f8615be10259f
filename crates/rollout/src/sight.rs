//! What is seen of releases.

use std::collections::BTreeMap;

use crate::{Judgement, ReleaseId};

/// What is seen of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// Its files are not here.
    #[default]
    Absent,
    /// Its files are here.
    Here,
    /// It runs, and is well or was stopped while it was: it can take requests at once.
    Ready,
    /// It cannot be brought, does not start, or does not stay up; why.
    Failed(String),
}

/// What the judge finds for the deployment that is on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// By each rule that it is judged by.
    pub judgements: Vec<(String, Judgement)>,
    /// Answers that the release gave since the step began.
    pub answers: u64,
}

/// What is seen at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sights {
    /// Of each release; those that are missing are [`Sight::Absent`].
    pub releases: BTreeMap<ReleaseId, Sight>,
    /// Of the deployment that is on its way; nothing where it could not be asked.
    pub finding: Option<Finding>,
    /// The routes give the shares that were wanted the last time.
    pub routed: bool,
}

impl Sights {
    pub(crate) fn of(&self, release: ReleaseId) -> &Sight {
        self.releases.get(&release).unwrap_or(&Sight::Absent)
    }
}
