//! How long a device may take.

use serde_json::json;
use trunkline_job::{Code, Status};

use crate::support::{Thing, topics};

const TWENTY: i64 = 20 * 60;

fn timed() -> Thing {
    let mut thing = Thing::new();
    let more = json!({"timeoutConfig": {"inProgressTimeoutInMinutes": 20}});
    thing.queue("a", &more, 0);
    thing
}

fn step(thing: &mut Thing, minutes: i64, now: i64) {
    let asked = json!({"status": "IN_PROGRESS", "stepTimeoutInMinutes": minutes});
    thing.accepted("a/update", &asked, now);
}

#[test]
fn the_time_runs_from_when_the_device_begins() {
    let mut thing = timed();
    assert_eq!(thing.only().due(), None);
    assert!(thing.executions.settle(100 * TWENTY).changed.is_empty());
    thing.update("a", "IN_PROGRESS", 100);
    assert_eq!(thing.only().due(), Some(100 + TWENTY));
    // Further updates do not set it anew.
    thing.update("a", "IN_PROGRESS", 500);
    assert_eq!(thing.only().due(), Some(100 + TWENTY));
    assert!(thing.executions.settle(99 + TWENTY).changed.is_empty());
    let change = thing.executions.settle(100 + TWENTY);
    assert_eq!(change.changed.len(), 1);
    assert_eq!(change.changed[0].status, Status::TimedOut);
    assert_eq!(change.changed[0].version, 4);
    assert_eq!(change.changed[0].due(), None);
    assert_eq!(topics(&change.notifications), ["notify", "notify-next"]);
    assert!(thing.executions.settle(200 + TWENTY).changed.is_empty());
}

#[test]
fn a_step_ends_earlier_and_never_later() {
    // The four steps of the developer guide, with the job begun at noon.
    let mut thing = timed();
    thing.update("a", "IN_PROGRESS", 0);
    assert_eq!(thing.only().due(), Some(TWENTY));
    step(&mut thing, 7, 5 * 60);
    assert_eq!(thing.only().due(), Some(12 * 60));
    step(&mut thing, 5, 10 * 60);
    assert_eq!(thing.only().due(), Some(15 * 60));
    step(&mut thing, 9, 13 * 60);
    assert_eq!(thing.only().due(), Some(TWENTY));
}

#[test]
fn a_step_stays_until_it_is_set_anew_or_discarded() {
    let mut thing = Thing::with(&["a"]);
    let asked = json!({"stepTimeoutInMinutes": 2});
    let answer = thing.accepted("start-next", &asked, 60);
    assert_eq!(answer["execution"]["approximateSecondsBeforeTimedOut"], 120);
    thing.update("a", "IN_PROGRESS", 90);
    assert_eq!(thing.only().due(), Some(180));
    step(&mut thing, -1, 100);
    assert_eq!(thing.only().due(), None);
    step(&mut thing, 1, 110);
    let state = thing.accepted("$next/get", &json!({}), 150);
    assert_eq!(state["execution"]["approximateSecondsBeforeTimedOut"], 20);
}

#[test]
fn timers_end_with_the_work() {
    let mut thing = timed();
    thing.update("a", "IN_PROGRESS", 0);
    step(&mut thing, 5, 10);
    let asked = json!({"status": "SUCCEEDED", "stepTimeoutInMinutes": 5});
    thing.accepted("a/update", &asked, 20);
    assert_eq!(thing.only().due(), None);
    assert!(thing.executions.settle(10 * TWENTY).changed.is_empty());
}

#[test]
fn who_comes_too_late_finds_that_the_time_is_over() {
    let mut thing = timed();
    thing.update("a", "IN_PROGRESS", 0);
    let answer = thing.update("a", "SUCCEEDED", TWENTY);
    let rejected = answer.result.unwrap_err();
    assert_eq!(rejected.code, Code::InvalidStateTransition);
    assert_eq!(rejected.state.unwrap().status, Status::TimedOut);
    // That it took too long is written, though the request was refused.
    assert_eq!(answer.change.changed[0].status, Status::TimedOut);
    assert_eq!(
        topics(&answer.change.notifications),
        ["notify", "notify-next"]
    );
}

#[test]
fn what_is_due_makes_room_for_the_next() {
    let mut thing = timed();
    thing.queue("b", &json!({}), 1);
    thing.update("a", "IN_PROGRESS", 2);
    let answer = thing.accepted("start-next", &json!({}), 2 + TWENTY);
    assert_eq!(answer["execution"]["jobId"], "b");
}
