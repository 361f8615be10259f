//! What is remembered of running jobs in memory; after a restart it begins anew.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use trunkline_job::Verdict;

/// What is remembered of one job.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watch {
    /// When it was last planned how many things are told, so that they are spread over the minute.
    pub(crate) planned_at: Option<i64>,
    /// When its statements were last asked.
    pub(crate) asked_at: Option<i64>,
    /// What came of asking `advance`.
    pub(crate) advance: Option<Verdict>,
    /// When the things of its groups were last looked up, in vain or not.
    pub(crate) looked_up_at: Option<i64>,
}

/// All running jobs by their ids.
#[derive(Debug, Default)]
pub(crate) struct Watches(Mutex<HashMap<String, Watch>>);

impl Watches {
    pub(super) fn get(&self, job: &str) -> Watch {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(job).copied().unwrap_or_default()
    }

    pub(super) fn change(&self, job: &str, change: impl FnOnce(&mut Watch)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(all.entry(job.to_owned()).or_default());
    }

    /// Forgets all but those that are `kept`.
    pub(super) fn keep(&self, kept: impl Fn(&str) -> bool) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|job, _| kept(job));
    }
}

/// Whether `every` seconds have passed since `last`; a clock that was set back is no reason to wait.
pub(super) fn is_due(last: Option<i64>, every: i64, now: i64) -> bool {
    last.is_none_or(|last| now < last || now - last >= every)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_done_is_due_and_a_clock_that_was_set_back_holds_up_nothing() {
        assert!(is_due(None, 60, 0));
        assert!(!is_due(Some(100), 60, 159));
        assert!(is_due(Some(100), 60, 160));
        assert!(is_due(Some(100), 60, 99));
    }

    #[test]
    fn jobs_that_are_over_are_forgotten() {
        let watches = Watches::default();
        watches.change("a", |watch| watch.planned_at = Some(1));
        watches.change("b", |watch| watch.planned_at = Some(2));
        watches.keep(|job| job == "b");
        assert_eq!(watches.get("a").planned_at, None);
        assert_eq!(watches.get("b").planned_at, Some(2));
    }
}
