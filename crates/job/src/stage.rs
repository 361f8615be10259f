//! Rolling out to few before many.

use serde::{Deserialize, Serialize};

use crate::name::is_plain;
use crate::timer::{MINUTES, after};
use crate::{Limits, Percentage, Progress, Rejected, Verdict};

/// The most bytes of a stage's name.
const NAME: usize = 64;

/// A part of the targets that is served, and then watched, before the next part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stage {
    /// As people call it.
    pub name: String,
    /// How many of the targets are served when it is over, those of the stages before counted too.
    pub percentage: Percentage,
    /// How many of them must have ended before it counts as served. Less than all where devices are away for long.
    #[serde(default = "all")]
    pub finished_percentage: Percentage,
    /// Minutes that pass from then until the next stage begins.
    #[serde(default)]
    pub soak_minutes: u32,
}

const fn all() -> Percentage {
    Percentage::ALL
}

/// Where a rollout stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtStage {
    /// Which stage, the first being 0.
    pub index: usize,
    /// Since when it is served.
    #[serde(default)]
    pub served_at: Option<i64>,
}

impl Stage {
    /// Whether all its things have been told and enough of them have ended.
    fn is_served(&self, progress: &Progress) -> bool {
        let ended = progress.notified.saturating_sub(progress.counts.pending());
        progress.notified > 0
            && progress.notified >= self.percentage.of(progress.targets)
            && self
                .finished_percentage
                .is_reached(ended, progress.notified)
    }
}

/// Where a rollout over `stages` stands now. `gated` says whether a statement must hold before the next stage; one that was asked
/// before the stage had been watched for long enough says nothing.
pub(crate) fn advance(stages: &[Stage], gated: bool, progress: &Progress, now: i64) -> AtStage {
    let last = stages.len().saturating_sub(1);
    let mut at = progress.stage;
    at.index = at.index.min(last);
    while let Some(stage) = stages.get(at.index).filter(|_| at.index < last) {
        if !stage.is_served(progress) {
            at.served_at = None;
            break;
        }
        let served_at = *at.served_at.get_or_insert(now);
        let watched = after(served_at, stage.soak_minutes);
        let holds = |verdict: Verdict| verdict.holds && verdict.at >= watched;
        if now < watched || (gated && !progress.advance.is_some_and(holds)) {
            break;
        }
        at = AtStage {
            index: at.index + 1,
            served_at: None,
        };
    }
    at
}

/// Whether a job can have these stages.
pub(crate) fn check(stages: &[Stage], limits: &Limits) -> Result<(), Rejected> {
    if stages.len() > limits.stages {
        return Err(Rejected::request(format!(
            "the rollout has {} stages, at most {}",
            stages.len(),
            limits.stages
        )));
    }
    for stage in stages {
        if !(1..=NAME).contains(&stage.name.len()) || !stage.name.bytes().all(is_plain) {
            return Err(Rejected::request(
                "a stage's name must be 1 to 64 letters, digits, '_' and '-'",
            ));
        }
        if stage.soak_minutes > *MINUTES.end() {
            return Err(Rejected::request(format!(
                "stage {}: soakMinutes must be at most {}",
                stage.name,
                MINUTES.end()
            )));
        }
    }
    if !stages.is_sorted_by(|one, other| one.percentage < other.percentage) {
        return Err(Rejected::request(
            "each stage must have a larger percentage than the one before",
        ));
    }
    match stages.last() {
        Some(last) if last.percentage != Percentage::ALL => {
            Err(Rejected::request("the last stage must have 100 percent"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;

    fn stages() -> Vec<Stage> {
        [
            ("canary", 1.0, 100.0),
            ("few", 10.0, 90.0),
            ("all", 100.0, 100.0),
        ]
        .map(|(name, percentage, finished)| Stage {
            name: name.into(),
            percentage: Percentage::try_from(percentage).unwrap(),
            finished_percentage: Percentage::try_from(finished).unwrap(),
            soak_minutes: 10,
        })
        .into()
    }

    /// A thousand targets, so many of which were told and are not done.
    fn progress(notified: u64, pending: u64, stage: AtStage) -> Progress {
        Progress {
            targets: 1_000,
            notified,
            counts: Counts {
                queued: pending,
                ..Counts::default()
            },
            stage,
            ..Progress::default()
        }
    }

    fn at(index: usize, served_at: Option<i64>) -> AtStage {
        AtStage { index, served_at }
    }

    #[test]
    fn a_stage_is_watched_from_when_it_is_served() {
        let go = |progress: &Progress, now| advance(&stages(), false, progress, now);
        let first = at(0, None);
        assert_eq!(go(&progress(9, 0, first), 100), at(0, None));
        assert_eq!(go(&progress(10, 1, first), 100), at(0, None));
        assert_eq!(go(&progress(10, 0, first), 100), at(0, Some(100)));
        let served = at(0, Some(100));
        assert_eq!(go(&progress(10, 0, served), 699), served);
        assert_eq!(go(&progress(10, 0, served), 700), at(1, None));
    }

    #[test]
    fn a_stage_that_is_served_no_more_begins_to_be_watched_anew() {
        let served = at(0, Some(100));
        let more = progress(10, 1, served);
        assert_eq!(advance(&stages(), false, &more, 1_000), at(0, None));
    }

    #[test]
    fn few_may_be_away_where_the_stage_says_so() {
        let go = |pending| advance(&stages(), false, &progress(100, pending, at(1, None)), 100);
        assert_eq!(go(10), at(1, Some(100)));
        assert_eq!(go(11), at(1, None));
    }

    #[test]
    fn a_gate_must_hold_after_the_stage_was_watched() {
        let go = |advance: Option<Verdict>| {
            let progress = Progress {
                advance,
                ..progress(10, 0, at(0, Some(100)))
            };
            super::advance(&stages(), true, &progress, 800).index
        };
        let verdict = |at, holds| Some(Verdict { at, holds });
        assert_eq!(go(None), 0);
        assert_eq!(go(verdict(699, true)), 0);
        assert_eq!(go(verdict(700, false)), 0);
        assert_eq!(go(verdict(700, true)), 1);
    }

    #[test]
    fn the_last_stage_stays() {
        let done = progress(1_000, 0, at(2, None));
        assert_eq!(advance(&stages(), false, &done, 9_999), at(2, None));
        let lost = progress(0, 0, at(7, Some(1)));
        assert_eq!(advance(&stages(), false, &lost, 9_999), at(2, Some(1)));
        assert_eq!(
            advance(&[], false, &progress(5, 0, at(0, None)), 1),
            at(0, None)
        );
    }

    #[test]
    fn without_targets_no_stage_is_served() {
        let none = Progress::default();
        assert_eq!(advance(&stages(), false, &none, 100), at(0, None));
    }

    #[test]
    fn a_small_fleet_is_watched_at_each_stage_all_the_same() {
        // One of three things is one percent, and ten percent too.
        let mut three = progress(1, 0, at(0, None));
        three.targets = 3;
        let mut begun = Vec::new();
        for minute in 0..30 {
            three.stage = advance(&stages(), false, &three, minute * 60);
            begun.push(three.stage.index);
        }
        assert_eq!([begun[9], begun[10], begun[19], begun[20]], [0, 1, 1, 2]);
    }

    #[test]
    fn stages_grow_to_all() {
        let limits = Limits::default();
        let with = |change: &dyn Fn(&mut Vec<Stage>)| {
            let mut stages = stages();
            change(&mut stages);
            check(&stages, &limits).map_err(|rejected| rejected.message)
        };
        assert_eq!(with(&|_| ()), Ok(()));
        assert_eq!(check(&[], &limits), Ok(()));
        for (change, words) in [
            (
                (&|stages: &mut Vec<Stage>| drop(stages.pop())) as &dyn Fn(&mut Vec<Stage>),
                "100 percent",
            ),
            (&|stages| stages.swap(0, 1), "larger percentage"),
            (&|stages| stages[1] = stages[0].clone(), "larger percentage"),
            (&|stages| stages[0].name = "a b".into(), "name must be"),
            (&|stages| stages[0].name = "a".repeat(65), "name must be"),
            (&|stages| stages[0].name = String::new(), "name must be"),
            (&|stages| stages[0].soak_minutes = 10_081, "at most 10080"),
            (
                &|stages| *stages = vec![stages[0].clone(); 11],
                "11 stages, at most 10",
            ),
        ] {
            let message = with(change).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
