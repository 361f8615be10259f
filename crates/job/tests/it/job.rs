//! Making, calling off, ending and deleting a job.

use serde_json::{Value, json};
use trunkline_job::{CancelJob, Code, Job, JobStatus, Limits, Selection};

use crate::support::{definition, job};

fn create(id: &str, value: Value) -> Result<(Job, Vec<String>), String> {
    Job::create(id, definition(value), &Limits::default(), 1_000)
        .map_err(|rejected| rejected.message)
}

#[test]
fn a_job_has_what_its_definition_says() {
    let value = json!({
        "targets": ["pump-7", "pump:8"],
        "document": r#"{"install":"1.2"}"#,
        "description": "the autumn release",
        "targetSelection": "CONTINUOUS",
        "jobExecutionsRolloutConfig": {
            "maximumPerMinute": 100,
            "stages": [
                {"name": "canary", "percentage": 1, "finishedPercentage": 90, "soakMinutes": 60},
                {"name": "all", "percentage": 100},
            ],
        },
        "abortConfig": {"criteriaList": [{
            "failureType": "FAILED",
            "action": "CANCEL",
            "thresholdPercentage": 20.5,
            "minNumberOfExecutedThings": 100,
        }]},
        "timeoutConfig": {"inProgressTimeoutInMinutes": 60},
        "jobExecutionsRetryConfig": {"criteriaList": [
            {"failureType": "FAILED", "numberOfRetries": 3},
        ]},
        "gates": {"advance": "select true", "abort": "select false", "everySeconds": 10},
    });
    let (job, targets) = create("ota-1", value).unwrap();
    assert_eq!(targets, ["pump-7", "pump:8"]);
    assert_eq!(job.id, "ota-1");
    assert_eq!(job.document.0["install"], "1.2");
    assert_eq!(job.selection, Selection::Continuous);
    assert_eq!(job.rollout.stages.len(), 2);
    assert_eq!(job.timeout.in_progress_timeout_in_minutes, Some(60));
    assert_eq!(job.status, JobStatus::InProgress);
    assert_eq!((job.created_at, job.starts_at), (1_000, 1_000));
    let terms = job.terms();
    assert_eq!(terms.in_progress_minutes, Some(60));
    assert_eq!(terms.retry, job.retry);
    let text = serde_json::to_string(&job).unwrap();
    let back: Job = serde_json::from_str(&text).unwrap();
    assert_eq!(back, job);
}

#[test]
fn what_is_not_said_is_as_aws_takes_it() {
    let (job, targets) = create("a", json!({"document": {}})).unwrap();
    assert!(targets.is_empty());
    assert_eq!(job.selection, Selection::Snapshot);
    assert_eq!(job.timeout.in_progress_timeout_in_minutes, None);
    assert!(job.abort.criteria_list.is_empty() && job.retry.criteria_list.is_empty());
    assert_eq!(job.gates, None);
}

#[test]
fn each_broken_rule_is_named() {
    let limits = Limits::default();
    let with = |more: Value| {
        let mut value = json!({"document": {}});
        for (name, member) in more.as_object().unwrap() {
            value[name] = member.clone();
        }
        value
    };
    let many: Vec<_> = (0..=limits.targets).map(|n| format!("t{n}")).collect();
    let deep = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
    let large = "x".repeat(limits.document_bytes - r#"{"a":""}"#.len() + 1);
    for (value, words) in [
        (
            json!({"document": {"a": large}}),
            "32769 bytes, at most 32768",
        ),
        (json!({"document": deep}), "more than 64 levels"),
        (with(json!({"targets": ["a/b"]})), "target 1 is no thing's"),
        (
            with(json!({"targets": ["a", "b", "a"]})),
            "a is named twice",
        ),
        (
            with(json!({"targets": many})),
            "10001 targets, at most 10000",
        ),
        (with(json!({"description": ""})), "description must be"),
        (with(json!({"description": "a\n"})), "description must be"),
        (
            with(json!({"description": "x".repeat(2_029)})),
            "1 to 2028 characters",
        ),
        (
            with(json!({"jobExecutionsRolloutConfig": {"maximumPerMinute": 0}})),
            "maximumPerMinute",
        ),
        (
            with(json!({"timeoutConfig": {"inProgressTimeoutInMinutes": 0}})),
            "from 1 to 10080",
        ),
        (
            with(json!({"timeoutConfig": {"inProgressTimeoutInMinutes": 10_081}})),
            "from 1 to 10080",
        ),
        (
            with(json!({"jobExecutionsRetryConfig": {"criteriaList": [
                {"failureType": "TIMED_OUT", "numberOfRetries": 1},
            ]}})),
            "inProgressTimeoutInMinutes",
        ),
        (
            with(json!({"abortConfig": {"criteriaList": [{
                "failureType": "ALL",
                "action": "CANCEL",
                "thresholdPercentage": 1,
                "minNumberOfExecutedThings": 0,
            }]}})),
            "minNumberOfExecutedThings",
        ),
        (with(json!({"gates": {"advance": "x"}})), "has none"),
        (with(json!({"startsAt": 40_000_000})), "within a year"),
    ] {
        let message = create("a", value).unwrap_err();
        assert!(message.contains(words), "{message}");
    }
    for id in ["", "a.b", "$next", &"a".repeat(65)] {
        let message = create(id, json!({"document": {}})).unwrap_err();
        assert!(message.contains("jobId"), "{message}");
    }
}

#[test]
fn unknown_words_are_refused() {
    for value in [
        json!({}),
        json!({"document": {}, "documents": {}}),
        json!({"document": {}, "targetSelection": "SOME"}),
        json!({"document": {}, "timeoutConfig": {"minutes": 1}}),
        json!({"document": {}, "abortConfig": {"criteriaList": [{
            "failureType": "ALL",
            "action": "WAIT",
            "thresholdPercentage": 1,
            "minNumberOfExecutedThings": 1,
        }]}}),
    ] {
        let read = serde_json::from_value::<trunkline_job::Definition>(value.clone());
        assert!(read.is_err(), "{value}");
    }
}

#[test]
fn the_largest_document_fits() {
    let value = "x".repeat(32 * 1_024 - r#"{"a":""}"#.len());
    let deep = format!("{}1{}", r#"{"a":"#.repeat(64), "}".repeat(64));
    assert!(create("a", json!({"document": {"a": value}})).is_ok());
    let (job, _) = create("a", json!({"document": deep})).unwrap();
    // What can be made can be kept.
    let text = serde_json::to_string(&job).unwrap();
    assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
}

#[test]
fn a_job_may_begin_later() {
    let value = json!({"document": {}, "startsAt": 2_000});
    let (mut job, _) = create("a", value).unwrap();
    assert_eq!(job.status, JobStatus::Scheduled);
    assert!(!job.begin(1_999));
    assert!(job.begin(2_000));
    assert_eq!((job.status, job.updated_at), (JobStatus::InProgress, 2_000));
    assert!(!job.begin(2_001));
    let past = json!({"document": {}, "startsAt": 10});
    let (job, _) = create("a", past).unwrap();
    assert_eq!((job.status, job.starts_at), (JobStatus::InProgress, 1_000));
}

#[test]
fn a_job_is_called_off_once_and_with_force_once_more() {
    let mut job = job("a", &json!({}));
    let cancel = |force| CancelJob {
        force,
        reason_code: Some("BAD_BUILD_2".into()),
        comment: Some("boots too slowly".into()),
    };
    job.cancel(cancel(false), 5).unwrap();
    assert_eq!((job.status, job.forced), (JobStatus::Canceled, false));
    assert_eq!(job.reason.as_deref(), Some("BAD_BUILD_2"));
    assert_eq!(job.comment.as_deref(), Some("boots too slowly"));
    assert_eq!(job.completed_at, Some(5));
    let again = job.cancel(cancel(false), 6).unwrap_err();
    assert_eq!(again.code, Code::InvalidStateTransition);
    let force = CancelJob {
        force: true,
        ..CancelJob::default()
    };
    job.cancel(force.clone(), 7).unwrap();
    assert!(job.forced && job.terms().forced);
    assert_eq!(job.reason.as_deref(), Some("BAD_BUILD_2"));
    assert_eq!((job.completed_at, job.updated_at), (Some(5), 7));
    assert!(job.cancel(force, 8).is_err());
}

#[test]
fn reasons_and_comments_can_be_kept() {
    for (reason, comment) in [
        (Some("bad"), None),
        (Some("A-B"), None),
        (Some(""), None),
        (None, Some("a\u{202e}b")),
        (None, Some("")),
    ] {
        let mut job = job("a", &json!({}));
        let cancel = CancelJob {
            force: false,
            reason_code: reason.map(Into::into),
            comment: comment.map(Into::into),
        };
        assert_eq!(
            job.cancel(cancel, 5).unwrap_err().code,
            Code::InvalidRequest
        );
        assert_eq!(job.status, JobStatus::InProgress);
    }
}

#[test]
fn a_job_that_is_over_does_not_come_back() {
    let mut done = job("a", &json!({}));
    done.complete(5).unwrap();
    assert_eq!(
        (done.status, done.completed_at),
        (JobStatus::Completed, Some(5))
    );
    assert!(done.cancel(CancelJob::default(), 6).is_err());
    assert!(done.complete(6).is_err() && !done.begin(6));
    let mut off = job("a", &json!({}));
    off.cancel(CancelJob::default(), 5).unwrap();
    assert!(off.complete(6).is_err() && !off.begin(6));
    assert_eq!(off.status, JobStatus::Canceled);
}

#[test]
fn a_job_is_deleted_when_it_is_over_or_by_force() {
    let mut busy = job("a", &json!({}));
    assert!(busy.delete(false, 5).is_err());
    busy.delete(true, 5).unwrap();
    assert_eq!(busy.status, JobStatus::DeletionInProgress);
    for force in [false, true] {
        let rejected = busy.delete(force, 6).unwrap_err();
        assert_eq!(rejected.code, Code::InvalidStateTransition);
    }
    assert!(busy.cancel(CancelJob::default(), 6).is_err());
    let mut done = job("a", &json!({}));
    done.complete(5).unwrap();
    done.delete(false, 6).unwrap();
}
