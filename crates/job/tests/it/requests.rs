//! What a device asks, and what it is answered.

use serde_json::json;
use trunkline_job::{Code, Status};

use crate::support::{THING, Thing};

#[test]
fn pending_lists_what_has_not_ended_by_status() {
    let mut thing = Thing::with(&["a", "b", "c", "d"]);
    thing.update("b", "IN_PROGRESS", 10);
    thing.update("c", "SUCCEEDED", 11);
    let answer = thing.ask("get", &json!({"clientToken": "t"}), 20);
    let summary = |job: &str, queued: i64| {
        json!({
            "jobId": job,
            "queuedAt": queued,
            "lastUpdatedAt": queued,
            "versionNumber": 1,
            "executionNumber": 1,
        })
    };
    assert_eq!(
        answer.result.unwrap(),
        json!({
            "inProgressJobs": [{
                "jobId": "b",
                "queuedAt": 2,
                "startedAt": 10,
                "lastUpdatedAt": 10,
                "versionNumber": 2,
                "executionNumber": 1,
            }],
            "queuedJobs": [summary("a", 1), summary("d", 4)],
            "timestamp": 20,
            "clientToken": "t",
        })
    );
    let topic = format!("$aws/things/{THING}/jobs/get/accepted");
    assert_eq!(answer.reply.topic, topic);
    assert!(answer.change.changed.is_empty() && answer.change.notifications.is_empty());
}

#[test]
fn who_has_nothing_to_do_is_told_so() {
    let mut thing = Thing::new();
    assert_eq!(
        thing.accepted("get", &json!({}), 5),
        json!({"inProgressJobs": [], "queuedJobs": [], "timestamp": 5})
    );
    for path in ["$next/get", "start-next"] {
        assert_eq!(
            thing.accepted(path, &json!({"clientToken": "t"}), 5),
            json!({"timestamp": 5, "clientToken": "t"}),
            "{path}"
        );
    }
}

#[test]
fn a_list_has_ten_at_the_most() {
    let names: Vec<_> = (0..12).map(|n| format!("job-{n:02}")).collect();
    let mut thing = Thing::with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    thing.update("job-11", "IN_PROGRESS", 50);
    let answer = thing.accepted("get", &json!({}), 60);
    assert_eq!(answer["inProgressJobs"][0]["jobId"], "job-11");
    assert_eq!(answer["inProgressJobs"].as_array().unwrap().len(), 1);
    let queued = answer["queuedJobs"].as_array().unwrap();
    assert_eq!(queued.len(), 9);
    assert_eq!(queued.last().unwrap()["jobId"], "job-08");
}

#[test]
fn start_next_begins_the_oldest_that_is_queued() {
    let mut thing = Thing::with(&["a", "b"]);
    let asked = json!({"statusDetails": {"step": "one"}, "clientToken": "t"});
    let answer = thing.ask("start-next", &asked, 10);
    assert_eq!(
        answer.result.unwrap(),
        json!({
            "execution": {
                "jobId": "a",
                "thingName": THING,
                "status": "IN_PROGRESS",
                "statusDetails": {"step": "one"},
                "queuedAt": 1,
                "startedAt": 10,
                "lastUpdatedAt": 10,
                "versionNumber": 2,
                "executionNumber": 1,
                "jobDocument": {"install": "a"},
            },
            "timestamp": 10,
            "clientToken": "t",
        })
    );
    assert_eq!(answer.change.changed.len(), 1);
    assert_eq!(answer.change.changed[0].started_at, Some(10));
}

#[test]
fn start_next_gives_what_is_in_progress_again_and_leaves_it_as_it_is() {
    let mut thing = Thing::with(&["a", "b", "c"]);
    thing.update("c", "IN_PROGRESS", 10);
    thing.update("b", "IN_PROGRESS", 11);
    let asked = json!({"statusDetails": {"step": "two"}, "stepTimeoutInMinutes": 1});
    let answer = thing.ask("start-next", &asked, 12);
    assert!(answer.change.changed.is_empty());
    let execution = &answer.result.unwrap()["execution"];
    // Not the one that began first, but the one that was queued first.
    assert_eq!(execution["jobId"], "b");
    assert_eq!(execution["versionNumber"], 2);
    assert_eq!(execution["lastUpdatedAt"], 11);
    assert_eq!(execution.get("statusDetails"), None);
    assert_eq!(execution.get("approximateSecondsBeforeTimedOut"), None);
}

#[test]
fn jobs_of_the_same_second_begin_in_the_order_in_which_they_came() {
    let mut thing = Thing::new();
    for job in ["z", "a", "m"] {
        thing.queue(job, &json!({}), 1);
    }
    for job in ["z", "a", "m"] {
        let answer = thing.accepted("start-next", &json!({}), 2);
        assert_eq!(answer["execution"]["jobId"], job);
        thing.update(job, "SUCCEEDED", 3);
    }
}

#[test]
fn describe_looks_and_begins_nothing() {
    let mut thing = Thing::with(&["a", "b"]);
    let answer = thing.ask("$next/get", &json!({}), 10);
    assert!(answer.change.changed.is_empty());
    let next = answer.result.unwrap();
    assert_eq!(next["execution"]["jobId"], "a");
    assert_eq!(next["execution"]["status"], "QUEUED");
    assert_eq!(next["execution"]["versionNumber"], 1);
    assert_eq!(next["execution"]["jobDocument"], json!({"install": "a"}));
    let other = thing.accepted("b/get", &json!({}), 10);
    assert_eq!(other["execution"]["jobId"], "b");
    assert_eq!(other["execution"]["thingName"], THING);
    let short = thing.accepted("b/get", &json!({"includeJobDocument": false}), 10);
    assert_eq!(short["execution"].get("jobDocument"), None);
    let short = thing.accepted("$next/get", &json!({"includeJobDocument": false}), 10);
    assert_eq!(short["execution"].get("jobDocument"), None);
    let number = thing.accepted("a/get", &json!({"executionNumber": 1}), 10);
    assert_eq!(number["execution"]["executionNumber"], 1);
}

#[test]
fn describe_knows_no_other_and_nothing_that_has_ended() {
    let mut thing = Thing::with(&["a"]);
    for (path, asked) in [
        ("b/get", json!({})),
        ("a/get", json!({"executionNumber": 2})),
    ] {
        let rejected = thing.ask(path, &asked, 10).result.unwrap_err();
        assert_eq!(rejected.code, Code::ResourceNotFound);
        assert_eq!(rejected.state, None);
    }
    thing.update("a", "SUCCEEDED", 10);
    let answer = thing.ask("a/get", &json!({"clientToken": "t"}), 11);
    assert_eq!(
        answer.reply.document,
        json!({
            "code": "TerminalStateReached",
            "message": "The execution is SUCCEEDED",
            "clientToken": "t",
            "timestamp": 11,
        })
    );
    assert!(answer.reply.topic.ends_with("/jobs/a/get/rejected"));
}

#[test]
fn an_update_is_answered_with_no_more_than_was_asked_for() {
    let mut thing = Thing::with(&["a"]);
    let short = json!({"status": "IN_PROGRESS", "clientToken": "t"});
    assert_eq!(
        thing.accepted("a/update", &short, 10),
        json!({"timestamp": 10, "clientToken": "t"})
    );
    let long = json!({
        "status": "IN_PROGRESS",
        "statusDetails": {"progress": "50%"},
        "expectedVersion": 2,
        "includeJobExecutionState": true,
        "includeJobDocument": true,
    });
    assert_eq!(
        thing.accepted("a/update", &long, 11),
        json!({
            "executionState": {
                "status": "IN_PROGRESS",
                "statusDetails": {"progress": "50%"},
                "versionNumber": 3,
            },
            "jobDocument": {"install": "a"},
            "timestamp": 11,
        })
    );
}

#[test]
fn details_are_replaced_as_a_whole_or_stay() {
    let mut thing = Thing::with(&["a"]);
    let details = |value| json!({"status": "IN_PROGRESS", "statusDetails": value});
    thing.accepted("a/update", &details(json!({"one": "1", "two": "2"})), 10);
    thing.update("a", "IN_PROGRESS", 11);
    assert_eq!(thing.only().details.len(), 2);
    thing.accepted("a/update", &details(json!({"two": "3"})), 12);
    assert_eq!(thing.only().details, [("two".into(), "3".into())].into());
    thing.accepted("a/update", &details(json!({})), 13);
    assert!(thing.only().details.is_empty());
}

#[test]
fn each_update_is_one_version_more() {
    let mut thing = Thing::with(&["a"]);
    for version in 1..5 {
        assert_eq!(thing.only().version, version);
        let answer = thing.update("a", "IN_PROGRESS", 10);
        assert_eq!(answer.change.changed[0].version, version + 1);
    }
    thing.update("a", "FAILED", 11);
    assert_eq!((thing.only().version, thing.only().updated_at), (6, 11));
}

#[test]
fn an_update_that_has_seen_another_version_is_refused() {
    let mut thing = Thing::with(&["a"]);
    let asked = json!({"status": "SUCCEEDED", "expectedVersion": 99, "clientToken": "t"});
    let answer = thing.ask("a/update", &asked, 10);
    assert_eq!(
        answer.reply.document,
        json!({
            "code": "VersionMismatch",
            "message": "Expected version 99 but found version 1",
            "clientToken": "t",
            "timestamp": 10,
            "executionState": {"status": "QUEUED", "versionNumber": 1},
        })
    );
    assert!(answer.reply.topic.ends_with("/jobs/a/update/rejected"));
    assert!(answer.change.changed.is_empty());
    let right = json!({"status": "SUCCEEDED", "expectedVersion": 1});
    thing.accepted("a/update", &right, 11);
    // Of two reasons, the version is the one that a device can do something about.
    let late = thing.ask("a/update", &right, 12).result.unwrap_err();
    assert_eq!(late.code, Code::VersionMismatch);
}

#[test]
fn what_has_ended_cannot_go_on() {
    for end in ["SUCCEEDED", "FAILED", "REJECTED"] {
        for next in ["IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"] {
            let mut thing = Thing::with(&["a"]);
            let details = json!({"status": end, "statusDetails": {"why": "so"}});
            thing.accepted("a/update", &details, 10);
            let rejected = thing.update("a", next, 11).result.unwrap_err();
            assert_eq!(rejected.code, Code::InvalidStateTransition);
            assert_eq!(
                rejected.document(11, None)["executionState"],
                json!({
                    "status": end,
                    "statusDetails": {"why": "so"},
                    "versionNumber": 2,
                })
            );
        }
    }
}

#[test]
fn a_device_may_end_without_having_begun() {
    for (end, status) in [
        ("SUCCEEDED", Status::Succeeded),
        ("FAILED", Status::Failed),
        ("REJECTED", Status::Rejected),
    ] {
        let mut thing = Thing::with(&["a"]);
        thing.update("a", end, 10).result.unwrap();
        assert_eq!(thing.only().status, status);
        assert_eq!(thing.only().started_at, None);
    }
}

#[test]
fn an_update_of_what_is_not_there_is_refused() {
    let mut thing = Thing::with(&["a"]);
    for (path, asked) in [
        ("b/update", json!({"status": "FAILED"})),
        (
            "a/update",
            json!({"status": "FAILED", "executionNumber": 2}),
        ),
    ] {
        let answer = thing.ask(path, &asked, 10);
        assert_eq!(answer.result.unwrap_err().code, Code::ResourceNotFound);
        assert!(answer.change.changed.is_empty());
    }
}
