//! Plans of commits, made once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use gix::ObjectId;
use trunkline_repository::Bare;
use trunkline_task::{CommitFiles, InstalledTools, Plan, Surroundings, TaskError, plan};

/// Plans that are remembered.
const MOST: usize = 32;

/// Makes plans.
#[derive(Debug)]
pub(crate) struct Plans {
    tools: InstalledTools,
    environment: BTreeMap<String, String>,
    known: Mutex<VecDeque<(ObjectId, Arc<Plan>)>>,
}

impl Plans {
    pub(crate) fn new(tools: InstalledTools, environment: BTreeMap<String, String>) -> Self {
        Self {
            tools,
            environment,
            known: Mutex::default(),
        }
    }

    /// The environment that declared variables come from.
    pub(crate) const fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The plan of a commit. It may wait for the disk.
    pub(crate) fn plan(&self, bare: &Bare, commit: ObjectId) -> Result<Arc<Plan>, TaskError> {
        if let Some(known) = self.known(commit) {
            return Ok(known);
        }
        let revision = commit.to_string();
        let files = CommitFiles::open(bare.path(), &revision)?;
        let surroundings = Surroundings {
            tools: &self.tools,
            environment: &self.environment,
        };
        let (plan, _findings) = plan(&files, surroundings)?;
        let plan = Arc::new(plan);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.push_front((commit, Arc::clone(&plan)));
        known.truncate(MOST);
        Ok(plan)
    }

    fn known(&self, commit: ObjectId) -> Option<Arc<Plan>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known.iter().position(|(id, _)| *id == commit)?;
        let found = known.remove(place)?;
        let plan = Arc::clone(&found.1);
        known.push_front(found);
        Some(plan)
    }
}
