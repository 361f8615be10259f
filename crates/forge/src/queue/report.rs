//! What a person sees of the queue.

use serde::Serialize;
use trunkline_landing::{ChangeId, Reason, Rival, Stage, Strategy as _, Touched};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

use super::actor::Actor;

/// The queue of a repository at one moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueReport {
    /// It takes changes and lands none.
    pub paused: bool,
    /// Why, as whoever paused it said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pause_reason: String,
    /// How many tasks may run at once.
    pub slots: usize,
    /// How many tasks run.
    pub running: usize,
    /// What waits for one another, in the order of the first of each. Lanes wait for nothing of another lane but for slots.
    pub lanes: Vec<LaneReport>,
}

/// What touches something in common.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LaneReport {
    /// The projects that it touches; none where it may touch all.
    pub projects: Vec<String>,
    /// What is in it, in the order in which it lands.
    pub landings: Vec<QueuedReport>,
}

/// What lands together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueuedReport {
    /// Its id.
    pub landing: String,
    /// Its changes, the lowest first.
    pub changes: Vec<i64>,
    /// Who pushed it.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub submitted: Timestamp,
    /// waiting, planning, testing, suspect, green or landing.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// How many of its lane are ahead of it.
    pub ahead: usize,
    /// Tasks without a result.
    pub left: usize,
    /// What it waits for, in words.
    pub reasons: Vec<String>,
    /// The runs of its tasks that are under way.
    pub runs: Vec<String>,
}

impl Actor {
    pub(super) fn report(&self) -> QueueReport {
        let view = self.rules.view();
        let lanes = view.lanes.into_iter().map(|lane| LaneReport {
            projects: match lane.touched {
                Touched::All => Vec::new(),
                Touched::Some(projects) => projects.iter().map(ToString::to_string).collect(),
            },
            landings: lane
                .changes
                .iter()
                .filter_map(|one| {
                    let landing = self.landings.get(&one.change)?;
                    Some(QueuedReport {
                        landing: landing.id.clone(),
                        changes: landing.changes.clone(),
                        by: landing.by.clone(),
                        submitted: landing.submitted,
                        stage: one.stage,
                        ahead: one.ahead,
                        left: one.left,
                        reasons: one
                            .reasons
                            .iter()
                            .map(|reason| self.reason(reason))
                            .collect(),
                        runs: self.runs_of(one.change),
                    })
                })
                .collect(),
        });
        QueueReport {
            paused: view.paused,
            pause_reason: self.hosted.info().pause_reason,
            slots: view.slots,
            running: view.running.len(),
            lanes: lanes.collect(),
        }
    }

    fn runs_of(&self, change: ChangeId) -> Vec<String> {
        let all = self.running.values();
        let mut runs: Vec<_> = all.filter_map(|running| running.run_of(change)).collect();
        runs.sort();
        runs
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::Paused => "the queue is paused".to_owned(),
            Reason::Merge => "it is being merged".to_owned(),
            Reason::Running { key, project } => format!("{} runs", self.task(key, &project.0)),
            Reason::Slot { key, project } => {
                format!("{} waits for a slot", self.task(key, &project.0))
            }
            Reason::Red { key, project } => format!("{} is red", self.task(key, &project.0)),
            Reason::Behind { change } => {
                format!("{} has to land or leave first", self.numbers(*change))
            }
            Reason::Conflict { with: Rival::Trunk } => "it does not fit onto the trunk".to_owned(),
            Reason::Conflict {
                with: Rival::Change(change),
            } => format!("it does not fit onto {}", self.numbers(*change)),
            Reason::Trunk => "the trunk is being moved".to_owned(),
        }
    }

    fn task(&self, key: &trunkline_landing::Key, project: &str) -> String {
        let mut candidates = self.candidates.values().rev();
        let group = candidates.find_map(|merged| merged.groups.get(key));
        group.map_or_else(
            || project.to_owned(),
            |group| format!("{} of {project}", group.names()),
        )
    }

    fn numbers(&self, change: ChangeId) -> String {
        let Some(landing) = self.landings.get(&change) else {
            return "another change".to_owned();
        };
        let numbers: Vec<_> = landing.changes.iter().map(ToString::to_string).collect();
        format!("change {}", numbers.join(", "))
    }
}
