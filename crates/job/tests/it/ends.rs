//! Trying again, calling off, removing and deleting.

use serde_json::{Value, json};
use trunkline_job::{CancelExecution, CancelJob, Code, Execution, Executions, Limits, Status};

use crate::support::{THING, Thing, job, terms, topics};

fn retrying(criteria: &Value) -> Value {
    json!({
        "timeoutConfig": {"inProgressTimeoutInMinutes": 1},
        "jobExecutionsRetryConfig": {"criteriaList": criteria},
    })
}

#[test]
fn a_failure_is_tried_again_with_the_next_number() {
    let mut thing = Thing::new();
    let more = retrying(&json!([{"failureType": "FAILED", "numberOfRetries": 2}]));
    thing.queue("a", &more, 1);
    for number in 1..=2 {
        let answer = thing.update("a", "FAILED", 10);
        let changed = &answer.change.changed;
        assert_eq!(
            (changed[0].number, changed[0].status),
            (number, Status::Failed)
        );
        let next = &changed[1];
        assert_eq!((next.number, next.status), (number + 1, Status::Queued));
        assert_eq!((next.version, next.queued_at), (1, 10));
        assert_eq!(
            topics(&answer.change.notifications),
            ["notify", "notify-next"]
        );
        let told = &answer.change.notifications[1].document["execution"];
        assert_eq!(told["executionNumber"], number + 1);
    }
    let last = thing.update("a", "FAILED", 20);
    assert_eq!(last.change.changed.len(), 1);
    assert_eq!(thing.executions.next(), None);
}

#[test]
fn what_takes_too_long_is_tried_again_too() {
    let mut thing = Thing::new();
    let more = retrying(&json!([
        {"failureType": "TIMED_OUT", "numberOfRetries": 1},
        {"failureType": "FAILED", "numberOfRetries": 1},
    ]));
    thing.queue("a", &more, 0);
    thing.update("a", "IN_PROGRESS", 0);
    let change = thing.executions.settle(60);
    assert_eq!(change.changed.len(), 2);
    thing.update("a", "FAILED", 61);
    thing.update("a", "FAILED", 62);
    let wanted = [Status::TimedOut, Status::Failed, Status::Failed]
        .into_iter()
        .zip(1..)
        .map(|(status, number)| ("a".to_owned(), number, status));
    assert_eq!(thing.statuses(), wanted.collect::<Vec<_>>());
}

#[test]
fn what_was_declined_or_called_off_is_not_tried_again() {
    let more = retrying(&json!([{"failureType": "ALL", "numberOfRetries": 10}]));
    let mut thing = Thing::new();
    thing.queue("a", &more, 1);
    thing.update("a", "REJECTED", 2);
    assert_eq!(thing.only().status, Status::Rejected);
    let mut thing = Thing::new();
    thing.queue("a", &more, 1);
    thing
        .executions
        .cancel("a", &CancelExecution::default(), 2)
        .unwrap();
    assert_eq!(thing.only().status, Status::Canceled);
}

#[test]
fn earlier_executions_stay_as_they_ended() {
    let mut thing = Thing::new();
    let more = retrying(&json!([{"failureType": "ALL", "numberOfRetries": 1}]));
    thing.queue("a", &more, 1);
    thing.update("a", "FAILED", 2);
    // Without a number the latest is meant.
    let latest = thing.accepted("a/get", &json!({}), 3);
    assert_eq!(latest["execution"]["executionNumber"], 2);
    let first = json!({"status": "SUCCEEDED", "executionNumber": 1});
    let rejected = thing.ask("a/update", &first, 3).result.unwrap_err();
    assert_eq!(rejected.code, Code::InvalidStateTransition);
    thing.update("a", "SUCCEEDED", 4).result.unwrap();
    assert_eq!(thing.executions.next(), None);
}

#[test]
fn only_force_calls_off_what_the_device_has_begun() {
    let force = CancelExecution {
        force: true,
        ..CancelExecution::default()
    };
    let mut thing = Thing::with(&["a"]);
    thing.update("a", "IN_PROGRESS", 2);
    let gently = thing
        .executions
        .cancel("a", &CancelExecution::default(), 3)
        .unwrap_err();
    assert_eq!(gently.code, Code::InvalidStateTransition);
    let change = thing.executions.cancel("a", &force, 3).unwrap();
    assert_eq!(change.changed[0].status, Status::Canceled);
    assert!(change.changed[0].forced);
    assert_eq!(topics(&change.notifications), ["notify", "notify-next"]);
    let again = thing.executions.cancel("a", &force, 4).unwrap_err();
    assert_eq!(again.code, Code::InvalidStateTransition);
    let mut thing = Thing::with(&["a"]);
    thing.executions.cancel("a", &force, 3).unwrap();
    // Force was not needed.
    assert!(!thing.only().forced);
}

#[test]
fn calling_off_knows_versions_and_details() {
    let mut thing = Thing::with(&["a"]);
    let cancel = |expected, value: &str| CancelExecution {
        force: false,
        expected: Some(expected),
        details: Some([("why".to_owned(), value.to_owned())].into()),
    };
    let wrong = thing
        .executions
        .cancel("a", &cancel(2, "x"), 3)
        .unwrap_err();
    assert_eq!(wrong.code, Code::VersionMismatch);
    let bad = thing.executions.cancel("a", &cancel(1, ""), 3).unwrap_err();
    assert_eq!(bad.code, Code::InvalidRequest);
    let none = thing
        .executions
        .cancel("b", &cancel(1, "x"), 3)
        .unwrap_err();
    assert_eq!(none.code, Code::ResourceNotFound);
    thing.executions.cancel("a", &cancel(1, "x"), 3).unwrap();
    assert_eq!(thing.only().details["why"], "x");
}

#[test]
fn a_job_that_was_called_off_begins_nowhere_however_late_its_rows_are_swept() {
    let mut off = job("a", &json!({}));
    off.cancel(CancelJob::default(), 5).unwrap();
    for asked in ["start-next", "a/update"] {
        let mut thing = Thing::with(&["a", "b"]);
        thing.reload("a", &off.terms());
        let answer = thing.ask(asked, &json!({"status": "IN_PROGRESS"}), 6);
        let first = &answer.change.changed[0];
        assert_eq!((first.job.as_str(), first.status), ("a", Status::Canceled));
        assert_eq!(first.started_at, None);
        match answer.result {
            Ok(answer) => assert_eq!(answer["execution"]["jobId"], "b"),
            Err(rejected) => assert_eq!(rejected.state.unwrap().status, Status::Canceled),
        }
    }
}

#[test]
fn a_job_that_was_called_off_lets_those_go_on_who_have_begun() {
    let more = retrying(&json!([{"failureType": "ALL", "numberOfRetries": 3}]));
    let mut off = job("a", &more);
    off.cancel(CancelJob::default(), 5).unwrap();
    let mut thing = Thing::new();
    thing.queue("a", &more, 1);
    thing.update("a", "IN_PROGRESS", 2);
    thing.reload("a", &off.terms());
    assert!(thing.executions.settle(6).changed.is_empty());
    // It may still end, and is not tried again.
    let answer = thing.update("a", "FAILED", 7);
    assert_eq!(answer.change.changed.len(), 1);
    assert_eq!(thing.only().status, Status::Failed);
}

#[test]
fn with_force_those_are_called_off_too_who_have_begun() {
    let mut off = job("a", &json!({}));
    let cancel = CancelJob {
        force: true,
        ..CancelJob::default()
    };
    off.cancel(cancel, 5).unwrap();
    let mut thing = Thing::with(&["a"]);
    thing.update("a", "IN_PROGRESS", 2);
    thing.reload("a", &off.terms());
    let change = thing.executions.settle(6);
    assert_eq!(change.changed[0].status, Status::Canceled);
    assert!(change.changed[0].forced);
    assert_eq!(change.changed[0].version, 3);
}

#[test]
fn a_job_that_is_being_deleted_is_not_there() {
    let mut gone = job("a", &json!({}));
    gone.delete(true, 5).unwrap();
    let mut thing = Thing::with(&["a", "b"]);
    thing.update("a", "IN_PROGRESS", 2);
    thing.reload("a", &gone.terms());
    let answer = thing.update("a", "SUCCEEDED", 6);
    assert_eq!(answer.result.unwrap_err().code, Code::ResourceNotFound);
    assert_eq!(answer.change.deleted.len(), 1);
    assert_eq!(answer.change.deleted[0].job, "a");
    assert!(answer.change.changed.is_empty());
    assert_eq!(
        topics(&answer.change.notifications),
        ["notify", "notify-next"]
    );
}

#[test]
fn who_is_no_target_any_more_is_removed_and_may_come_again() {
    let mut thing = Thing::with(&["a"]);
    let change = thing.executions.remove("a", 5);
    assert_eq!(change.changed[0].status, Status::Removed);
    assert!(thing.executions.remove("a", 6).changed.is_empty());
    assert!(thing.executions.remove("b", 6).changed.is_empty());
    let change = thing.queue("a", &json!({}), 7);
    assert_eq!(change.changed[0].number, 2);
    assert_eq!(change.changed[0].status, Status::Queued);
}

#[test]
fn nobody_is_told_twice_of_one_job() {
    let mut thing = Thing::with(&["a"]);
    let change = thing.queue("a", &json!({}), 5);
    assert!(change.changed.is_empty() && change.notifications.is_empty());
    thing.update("a", "IN_PROGRESS", 6);
    assert!(thing.queue("a", &json!({}), 7).changed.is_empty());
}

#[test]
fn nobody_is_told_of_a_job_that_is_not_in_progress() {
    let later = terms("a", &json!({"startsAt": 100}));
    let mut off = job("a", &json!({}));
    off.cancel(CancelJob::default(), 5).unwrap();
    let mut thing = Thing::new();
    for terms in [later, off.terms().into()] {
        let change = thing.executions.queue("a", &terms, 6);
        assert_eq!(change, trunkline_job::Change::default());
    }
}

#[test]
fn an_execution_is_deleted_when_it_has_ended_or_by_force() {
    let mut thing = Thing::with(&["a", "b"]);
    let rejected = thing.executions.delete("a", 1, false, 5).unwrap_err();
    assert_eq!(rejected.code, Code::InvalidStateTransition);
    let rejected = thing.executions.delete("a", 2, true, 5).unwrap_err();
    assert_eq!(rejected.code, Code::ResourceNotFound);
    let change = thing.executions.delete("a", 1, true, 5).unwrap();
    assert_eq!((change.deleted.len(), change.changed.len()), (1, 0));
    assert_eq!(topics(&change.notifications), ["notify", "notify-next"]);
    thing.update("b", "SUCCEEDED", 6);
    let change = thing.executions.delete("b", 1, false, 7).unwrap();
    assert_eq!(change.deleted[0].job, "b");
    assert!(change.notifications.is_empty());
    assert_eq!(thing.executions.iter().count(), 0);
}

#[test]
fn rows_are_kept_as_json_and_come_back_the_same() {
    let mut thing = Thing::new();
    let more = retrying(&json!([{"failureType": "ALL", "numberOfRetries": 3}]));
    thing.queue("a", &more, 1);
    thing.update("a", "FAILED", 2);
    let asked = json!({"statusDetails": {"a": "b"}, "stepTimeoutInMinutes": 5});
    thing.accepted("start-next", &asked, 3);
    let terms = terms("a", &more);
    let rows: Vec<_> = thing
        .executions
        .iter()
        .map(|execution| {
            let text = serde_json::to_string(execution).unwrap();
            let back: Execution = serde_json::from_str(&text).unwrap();
            assert_eq!(&back, execution);
            (back, terms.clone())
        })
        .collect();
    let mut loaded = Executions::new(THING, rows, &Limits::default());
    assert_eq!(loaded.pending(), thing.executions.pending());
    assert_eq!(loaded.settle(500), thing.executions.settle(500));
}
