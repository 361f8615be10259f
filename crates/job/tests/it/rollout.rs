//! How many are told, and when a job is over.

use serde_json::json;
use trunkline_job::{
    AtStage, CancelJob, Counts, Job, Progress, QueuedAt, is_complete, judge, plan,
};

use crate::support::job;

fn rate(most: u32) -> Job {
    job(
        "a",
        &json!({"jobExecutionsRolloutConfig": {"maximumPerMinute": most}}),
    )
}

fn progress(targets: u64, notified: u64) -> Progress {
    Progress {
        targets,
        notified,
        ..Progress::default()
    }
}

fn aborting() -> Job {
    let criteria = json!([{
        "failureType": "FAILED",
        "action": "CANCEL",
        "thresholdPercentage": 50,
        "minNumberOfExecutedThings": 2,
    }]);
    job("a", &json!({"abortConfig": {"criteriaList": criteria}}))
}

#[test]
fn what_is_told_is_spread_over_the_minute() {
    let job = rate(600);
    let asked = |asked_at| {
        let progress = Progress {
            asked_at,
            ..progress(10_000, 0)
        };
        plan(&job, &progress, 1_000).queue
    };
    assert_eq!(asked(None), 10);
    assert_eq!(asked(Some(999)), 10);
    assert_eq!(asked(Some(1_000)), 10);
    assert_eq!(asked(Some(995)), 50);
    assert_eq!(asked(Some(940)), 600);
    // However long nobody asked, a minute has no more than its rate.
    assert_eq!(asked(Some(0)), 600);
    // A clock that was set back is no reason to tell more.
    assert_eq!(asked(Some(2_000)), 10);
}

#[test]
fn what_was_told_within_a_minute_counts() {
    let job = rate(60);
    let told = |recent: &[(i64, u64)]| {
        let recent = recent.iter().map(|&(at, number)| QueuedAt { at, number });
        let progress = Progress {
            recent: recent.collect(),
            asked_at: Some(0),
            ..progress(10_000, 100)
        };
        plan(&job, &progress, 1_000).queue
    };
    assert_eq!(told(&[]), 60);
    assert_eq!(told(&[(940, 60)]), 60);
    assert_eq!(told(&[(941, 59)]), 1);
    assert_eq!(told(&[(941, 30), (999, 30)]), 0);
    assert_eq!(told(&[(941, 30), (1_000, 40)]), 0);
    assert_eq!(told(&[(1_030, 60)]), 0);
}

#[test]
fn no_more_are_told_than_there_are() {
    let progress = Progress {
        asked_at: Some(0),
        ..progress(10, 7)
    };
    assert_eq!(plan(&rate(100), &progress, 1_000).queue, 3);
    let all = Progress {
        notified: 12,
        ..progress
    };
    assert_eq!(plan(&rate(100), &all, 1_000).queue, 0);
}

#[test]
fn a_stage_tells_its_share_and_waits() {
    let job = job(
        "a",
        &json!({"jobExecutionsRolloutConfig": {"stages": [
            {"name": "canary", "percentage": 1, "soakMinutes": 10},
            {"name": "all", "percentage": 100},
        ]}}),
    );
    let mut progress = Progress {
        asked_at: Some(0),
        ..progress(1_000, 0)
    };
    let first = plan(&job, &progress, 1_000);
    assert_eq!((first.queue, first.stage.index), (10, 0));
    progress.notified = 10;
    progress.counts.in_progress = 1;
    assert_eq!(plan(&job, &progress, 2_000).queue, 0);
    progress.counts.in_progress = 0;
    let served = plan(&job, &progress, 3_000);
    let stage = AtStage {
        index: 0,
        served_at: Some(3_000),
    };
    assert_eq!((served.queue, served.stage), (0, stage));
    progress.stage = served.stage;
    assert_eq!(plan(&job, &progress, 3_599).queue, 0);
    let second = plan(&job, &progress, 3_600);
    assert_eq!((second.queue, second.stage.index), (990, 1));
}

#[test]
fn a_job_that_is_not_in_progress_tells_nobody() {
    let progress = Progress {
        asked_at: Some(0),
        ..progress(10, 0)
    };
    let later = job("a", &json!({"startsAt": 5_000}));
    let mut off = rate(100);
    off.cancel(CancelJob::default(), 1).unwrap();
    let mut gone = rate(100);
    gone.delete(true, 1).unwrap();
    for job in [later, off, gone] {
        assert_eq!(plan(&job, &progress, 10_000).queue, 0);
    }
}

#[test]
fn a_job_that_must_be_called_off_tells_nobody() {
    let mut job = aborting();
    let mut progress = Progress {
        asked_at: Some(0),
        ..progress(100, 3)
    };
    progress.counts.failed = 1;
    assert_eq!(judge(&job, &progress.counts), None);
    assert!(plan(&job, &progress, 1_000).queue > 0);
    progress.counts.succeeded = 1;
    let criterion = job.abort.criteria_list[0];
    assert_eq!(judge(&job, &progress.counts), Some(&criterion));
    let plan_now = plan(&job, &progress, 1_000);
    assert_eq!((plan_now.queue, plan_now.abort), (0, Some(&criterion)));
    job.cancel(CancelJob::default(), 1_001).unwrap();
    assert_eq!(judge(&job, &progress.counts), None);
    // Also when what went wrong is forgotten.
    progress.counts = Counts::default();
    assert_eq!(plan(&job, &progress, 9_999).queue, 0);
}

#[test]
fn criteria_are_asked_in_turn() {
    let criterion = |kind: &str, least: u64| {
        json!({
            "failureType": kind,
            "action": "CANCEL",
            "thresholdPercentage": 50,
            "minNumberOfExecutedThings": least,
        })
    };
    let criteria = json!([
        criterion("FAILED", 10),
        criterion("TIMED_OUT", 1),
        criterion("ALL", 1)
    ]);
    let job = job("a", &json!({"abortConfig": {"criteriaList": criteria}}));
    let counts = Counts {
        failed: 1,
        timed_out: 1,
        ..Counts::default()
    };
    assert_eq!(judge(&job, &counts), Some(&job.abort.criteria_list[1]));
}

#[test]
fn a_job_is_done_when_all_were_told_and_none_is_at_it() {
    let mut job = rate(100);
    let at = |targets, notified, queued, in_progress| Progress {
        counts: Counts {
            queued,
            in_progress,
            ..Counts::default()
        },
        ..progress(targets, notified)
    };
    assert!(!is_complete(&job, &at(3, 2, 0, 0)));
    assert!(!is_complete(&job, &at(3, 3, 1, 0)));
    assert!(!is_complete(&job, &at(3, 3, 0, 1)));
    assert!(is_complete(&job, &at(3, 3, 0, 0)));
    assert!(is_complete(&job, &at(0, 0, 0, 0)));
    let whoever = crate::support::job("a", &json!({"targetSelection": "CONTINUOUS"}));
    assert!(!is_complete(&whoever, &at(3, 3, 0, 0)));
    job.cancel(CancelJob::default(), 5).unwrap();
    assert!(!is_complete(&job, &at(3, 3, 0, 0)));
}
