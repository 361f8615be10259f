//! What a thing is told of its list, and when: the series of examples that the developer guide of AWS goes through.

use serde_json::{Value, json};
use trunkline_job::Change;

use crate::support::{THING, Thing, topics};

fn queued(job: &str, at: i64) -> Value {
    json!({
        "jobId": job,
        "queuedAt": at,
        "lastUpdatedAt": at,
        "versionNumber": 1,
        "executionNumber": 1,
    })
}

fn begun(job: &str, queued: i64, at: i64) -> Value {
    json!({
        "jobId": job,
        "queuedAt": queued,
        "startedAt": at,
        "lastUpdatedAt": at,
        "versionNumber": 2,
        "executionNumber": 1,
    })
}

fn document<'a>(change: &'a Change, topic: &str) -> &'a Value {
    let topic = format!("$aws/things/{THING}/jobs/{topic}");
    let mut told = change.notifications.iter();
    &told
        .find(|message| message.topic == topic)
        .unwrap()
        .document
}

#[test]
fn the_first_job_changes_the_list_and_the_next() {
    let mut thing = Thing::new();
    let change = thing.queue("job1", &json!({}), 1);
    assert_eq!(topics(&change.notifications), ["notify", "notify-next"]);
    assert_eq!(
        document(&change, "notify"),
        &json!({"timestamp": 1, "jobs": {"QUEUED": [queued("job1", 1)]}})
    );
    assert_eq!(
        document(&change, "notify-next"),
        &json!({
            "timestamp": 1,
            "execution": {
                "jobId": "job1",
                "status": "QUEUED",
                "queuedAt": 1,
                "lastUpdatedAt": 1,
                "versionNumber": 1,
                "executionNumber": 1,
                "jobDocument": {"install": "job1"},
            },
        })
    );
}

#[test]
fn a_further_job_changes_the_list_and_not_the_next() {
    let mut thing = Thing::with(&["job1"]);
    let change = thing.queue("job2", &json!({}), 2);
    assert_eq!(topics(&change.notifications), ["notify"]);
    assert_eq!(
        document(&change, "notify")["jobs"],
        json!({"QUEUED": [queued("job1", 1), queued("job2", 2)]})
    );
}

#[test]
fn that_the_first_begins_is_nothing_to_tell() {
    for path in ["start-next", "job1/update"] {
        let mut thing = Thing::with(&["job1", "job2"]);
        let answer = thing.ask(path, &json!({"status": "IN_PROGRESS"}), 5);
        assert!(answer.change.notifications.is_empty(), "{path}");
        let again = thing.update("job1", "IN_PROGRESS", 6);
        assert!(again.change.notifications.is_empty());
    }
}

#[test]
fn what_has_begun_stands_before_what_has_not() {
    let mut thing = Thing::with(&["job1", "job2"]);
    thing.update("job1", "IN_PROGRESS", 5);
    let change = thing.queue("job3", &json!({}), 6);
    assert_eq!(topics(&change.notifications), ["notify"]);
    let jobs = &document(&change, "notify")["jobs"];
    assert_eq!(
        jobs,
        &json!({
            "IN_PROGRESS": [begun("job1", 1, 5)],
            "QUEUED": [queued("job2", 2), queued("job3", 6)],
        })
    );
    let order: Vec<_> = jobs.as_object().unwrap().keys().collect();
    assert_eq!(order, ["IN_PROGRESS", "QUEUED"]);
}

#[test]
fn an_end_changes_the_list_and_the_next() {
    let mut thing = Thing::with(&["job1", "job2", "job3"]);
    thing.update("job1", "IN_PROGRESS", 5);
    let answer = thing.update("job1", "SUCCEEDED", 6);
    let change = &answer.change;
    assert_eq!(topics(&change.notifications), ["notify", "notify-next"]);
    assert_eq!(
        document(change, "notify")["jobs"],
        json!({"QUEUED": [queued("job2", 2), queued("job3", 3)]})
    );
    let next = document(change, "notify-next");
    assert_eq!(next["execution"]["jobId"], "job2");
}

#[test]
fn one_that_jumps_the_queue_is_the_next_and_changes_no_list() {
    let mut thing = Thing::with(&["job2", "job3"]);
    let answer = thing.update("job3", "IN_PROGRESS", 5);
    assert_eq!(topics(&answer.change.notifications), ["notify-next"]);
    let next = &document(&answer.change, "notify-next")["execution"];
    assert_eq!(next["jobId"], "job3");
    assert_eq!(next["status"], "IN_PROGRESS");
    assert_eq!(next["startedAt"], 5);
    // Another that begins and was queued earlier takes its place; one that was queued later does not.
    let earlier = thing.update("job2", "IN_PROGRESS", 6);
    assert_eq!(topics(&earlier.change.notifications), ["notify-next"]);
    thing.queue("job4", &json!({}), 7);
    let later = thing.update("job4", "IN_PROGRESS", 8);
    assert!(later.change.notifications.is_empty());
}

#[test]
fn one_that_is_not_the_next_leaves_the_list_alone() {
    let mut thing = Thing::with(&["job2", "job3"]);
    thing.update("job3", "IN_PROGRESS", 5);
    let answer = thing.update("job2", "REJECTED", 6);
    assert_eq!(topics(&answer.change.notifications), ["notify"]);
    assert_eq!(
        document(&answer.change, "notify")["jobs"],
        json!({"IN_PROGRESS": [begun("job3", 2, 5)]})
    );
}

#[test]
fn an_empty_list_is_told_too() {
    let mut thing = Thing::with(&["job3"]);
    thing.update("job3", "IN_PROGRESS", 5);
    let change = thing.executions.delete("job3", 1, true, 6).unwrap();
    assert_eq!(
        document(&change, "notify"),
        &json!({"timestamp": 6, "jobs": {}})
    );
    assert_eq!(document(&change, "notify-next"), &json!({"timestamp": 6}));
}

#[test]
fn a_refused_request_changes_nothing() {
    let mut thing = Thing::with(&["job1"]);
    let asked = json!({"status": "SUCCEEDED", "expectedVersion": 7});
    let answer = thing.ask("job1/update", &asked, 5);
    assert!(answer.result.is_err());
    assert_eq!(answer.change, Change::default());
}

#[test]
fn the_list_can_be_told_without_a_change() {
    let thing = Thing::with(&["job1", "job2"]);
    let list = thing.executions.list_notification(9);
    assert_eq!(topics(std::slice::from_ref(&list)), ["notify"]);
    assert_eq!(list.document["jobs"]["QUEUED"][1], queued("job2", 2));
    let next = thing.executions.next_notification(9);
    assert_eq!(topics(std::slice::from_ref(&next)), ["notify-next"]);
    assert_eq!(next.document["execution"]["jobId"], "job1");
}
