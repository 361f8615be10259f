//! Jobs that call themselves off.

use std::time::Instant;

use serde_json::{Value, json};
use trunkline_job::JobStatus;

use crate::support::{Node, only};

fn criterion() -> Value {
    json!({"abortConfig": {"criteriaList": [{
        "failureType": "FAILED",
        "action": "CANCEL",
        "thresholdPercentage": 50,
        "minNumberOfExecutedThings": 2,
    }]}})
}

fn gate(statement: &str) -> Value {
    json!({"gates": {"abort": statement, "everySeconds": 5}})
}

#[tokio::test]
async fn too_many_failures_call_a_job_off_and_nobody_else_is_told() {
    let node = Node::with(10).await;
    let things: Vec<String> = (1..=10).map(|n| format!("t{n}")).collect();
    let things: Vec<&str> = things.iter().map(String::as_str).collect();
    let mut more = criterion();
    more["jobExecutionsRolloutConfig"] = json!({"maximumPerMinute": 240});
    node.job("ota", &things, more).await;
    node.tick().await;
    assert_eq!(only(&node.statuses("ota").await), ["QUEUED"; 4]);
    node.update("t1", "ota", "FAILED").await;
    node.accepted("t2", "start-next", json!({})).await;
    node.tick().await;
    node.update("t3", "ota", "FAILED").await;
    let before = node.statuses("ota").await.len();
    node.run(1).await;
    let shown = node.shown("ota").await;
    assert_eq!(shown.summary.status, JobStatus::Canceled);
    assert_eq!(shown.reason_code.as_deref(), Some("ABORTED_BY_CRITERION"));
    let counts = shown.progress.executions;
    assert_eq!(
        (counts.queued, counts.in_progress, counts.failed),
        (0, 1, 2)
    );
    node.run(100).await;
    assert_eq!(node.statuses("ota").await.len(), before);
    // Who had begun may end it.
    node.update("t2", "ota", "SUCCEEDED").await;
    let last = node.events("job.changed").await.pop().unwrap();
    assert_eq!(last["criterion"]["failureType"], "FAILED");
    assert_eq!(last["reason"], "ABORTED_BY_CRITERION");
}

#[tokio::test]
async fn a_statement_that_holds_calls_a_job_off_in_the_same_tick() {
    let node = Node::with(3).await;
    node.answers.holds("slow boot", false);
    node.job("ota", &["t1", "t2", "t3"], gate("slow boot"))
        .await;
    node.run(2).await;
    node.accepted("t1", "start-next", json!({})).await;
    node.answers.holds("slow boot", true);
    node.run(5).await;
    let shown = node.shown("ota").await;
    assert_eq!(shown.summary.status, JobStatus::Canceled);
    assert_eq!(shown.reason_code.as_deref(), Some("ABORTED_BY_GATE"));
    assert!(!shown.force_canceled);
    assert_eq!(
        only(&node.statuses("ota").await),
        ["IN_PROGRESS", "CANCELED", "CANCELED"]
    );
    let last = node.events("job.changed").await.pop().unwrap();
    assert_eq!(
        (&last["statement"], &last["by"]),
        (&json!("slow boot"), &json!(""))
    );
    // Nobody asks any more.
    let asked = node.answers.asked("slow boot");
    node.run(30).await;
    assert_eq!(node.answers.asked("slow boot"), asked);
}

#[tokio::test]
async fn a_statement_that_cannot_be_evaluated_neither_lets_go_on_nor_calls_off() {
    let mut node = Node::with(10).await;
    let things: Vec<String> = (1..=10).map(|n| format!("t{n}")).collect();
    let things: Vec<&str> = things.iter().map(String::as_str).collect();
    let more = json!({
        "jobExecutionsRolloutConfig": {"stages": [
            {"name": "one", "percentage": 10},
            {"name": "all", "percentage": 100},
        ]},
        "gates": {"advance": "healthy", "abort": "sick", "everySeconds": 1},
    });
    node.answers.holds("healthy", true);
    node.job("ota", &things, more).await;
    node.run(1).await;
    node.answers.forget();
    node.update("t1", "ota", "SUCCEEDED").await;
    node.run(30).await;
    node.restart().await;
    node.run(30).await;
    assert_eq!(node.statuses("ota").await.len(), 1);
    let progress = node.shown("ota").await.progress;
    let about: Vec<_> = progress.failed.keys().map(String::as_str).collect();
    assert_eq!(about, ["abort", "advance"]);
    assert_eq!(progress.advance, None);
    let failed = node.events("job.question.failed").await;
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert_eq!(failed[0]["reason"], "there is no such table");
    // It is told anew when it could be evaluated in between.
    node.answers.holds("healthy", false);
    node.answers.holds("sick", false);
    node.run(1).await;
    assert!(node.shown("ota").await.progress.failed.is_empty());
    node.answers.forget();
    node.run(1).await;
    assert_eq!(node.events("job.question.failed").await.len(), 4);
    node.answers.holds("healthy", true);
    node.answers.holds("sick", false);
    node.run(2).await;
    assert!(node.statuses("ota").await.len() > 1);
}

#[tokio::test]
async fn a_statement_that_is_never_answered_is_not_waited_for() {
    let node = Node::with(1).await;
    node.job("ota", &["t1"], gate("forever")).await;
    node.tick().await;
    let reason = &node.shown("ota").await.progress.failed["abort"];
    assert!(reason.contains("longer than 3 seconds"), "{reason}");
    assert_eq!(only(&node.statuses("ota").await), ["QUEUED"]);
}

/// How long each tick takes is printed, not judged: `cargo test … ten_thousand -- --nocapture`.
#[tokio::test]
async fn an_abort_stops_a_job_for_ten_thousand() {
    const ALL: usize = 10_000;
    let mut node = Node::with_very_many(ALL).await;
    let targets: Vec<String> = (1..=ALL).map(|n| format!("t{n}")).collect();
    node.answers.holds("sick", false);
    let begun = Instant::now();
    let wanted = json!({
        "jobId": "ota", "targets": targets, "document": {"install": "7"}, "gates": {"abort": "sick", "everySeconds": 1},
    });
    node.try_job(wanted).await.unwrap();
    println!("made in {:?}", begun.elapsed());
    let mut longest = std::time::Duration::ZERO;
    for second in 0..480 {
        node.wait(1);
        let begun = Instant::now();
        node.tick().await;
        longest = longest.max(begun.elapsed());
        if second == 240 {
            node.restart().await;
        }
    }
    let counts = node.shown("ota").await.progress;
    println!(
        "{} told, the longest tick took {longest:?}",
        counts.notified
    );
    assert!(
        (7_900..=8_000).contains(&counts.notified),
        "{}",
        counts.notified
    );
    node.accepted("t1", "start-next", json!({})).await;
    node.answers.holds("sick", true);
    node.wait(1);
    let begun = Instant::now();
    node.tick().await;
    println!(
        "called off with {} queued in {:?}",
        counts.executions.queued,
        begun.elapsed()
    );
    let after = node.shown("ota").await;
    assert_eq!(after.summary.status, JobStatus::Canceled);
    assert_eq!(after.progress.notified, counts.notified);
    let executions = after.progress.executions;
    assert_eq!((executions.queued, executions.in_progress), (0, 1));
    assert_eq!(executions.canceled, counts.executions.queued - 1);
    // Nothing starts afterwards, whoever asks, and whether the platform was killed or not.
    node.restart().await;
    node.run(120).await;
    for thing in ["t2", "t7900", "t9999", "t10000"] {
        let next = node.accepted(thing, "start-next", json!({})).await;
        assert_eq!(next.get("execution"), None);
        let code = node
            .rejected(thing, "ota/update", json!({"status": "IN_PROGRESS"}))
            .await;
        assert!(
            ["InvalidStateTransition", "ResourceNotFound"].contains(&code.as_str()),
            "{code}"
        );
    }
    let last = node.shown("ota").await.progress;
    assert_eq!(
        (last.notified, last.executions),
        (counts.notified, executions)
    );
    let begun = node.events("job.execution.changed").await;
    let begun = begun.iter().filter(|data| data["status"] == "IN_PROGRESS");
    assert_eq!(begun.count(), 1);
}
