//! What devices ask, and what they are answered.

use std::sync::Arc;

use serde_json::json;

use crate::support::{BEGIN, Node, topics};

#[tokio::test]
async fn a_device_is_told_begins_and_ends() {
    let node = Node::with(1).await;
    node.job("ota", &["t1"], json!({})).await;
    node.tick().await;
    let told = node.heard.take();
    assert_eq!(topics(&told), ["notify", "notify-next"]);
    assert_eq!(
        told[1].body.value()["execution"]["jobDocument"],
        json!({"install": "ota"})
    );
    node.wait(5);
    let begun = node
        .accepted("t1", "start-next", json!({"clientToken": "t"}))
        .await;
    assert_eq!(begun["clientToken"], "t");
    assert_eq!(begun["execution"]["status"], "IN_PROGRESS");
    assert_eq!(begun["execution"]["startedAt"], BEGIN + 5);
    let ended =
        json!({"status": "SUCCEEDED", "statusDetails": {"took": "5s"}, "expectedVersion": 2});
    let told = node.ask("t1", "ota/update", ended).await;
    assert_eq!(
        topics(&told),
        ["ota/update/accepted", "notify", "notify-next"]
    );
    node.tick().await;
    assert_eq!(node.status("ota").await, "COMPLETED");
    let changed = node.events("job.execution.changed").await;
    let all: Vec<_> = changed
        .iter()
        .map(|data| {
            (
                data["status"].as_str().unwrap(),
                data["version"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(all, [("QUEUED", 1), ("IN_PROGRESS", 2), ("SUCCEEDED", 3)]);
    assert_eq!(
        changed[2],
        json!({
            "job": "ota", "thing": "t1", "number": 1, "status": "SUCCEEDED", "version": 3,
            "details": {"took": "5s"},
        })
    );
    let jobs = node.events("job.changed").await;
    let all: Vec<_> = jobs
        .iter()
        .map(|data| data["status"].as_str().unwrap())
        .collect();
    assert_eq!(all, ["IN_PROGRESS", "COMPLETED"]);
    assert_eq!(jobs[0]["document"], json!({"install": "ota"}));
    assert_eq!(
        (&jobs[0]["by"], &jobs[1]["by"]),
        (&json!("acc_1"), &json!(""))
    );
}

#[tokio::test]
async fn topics_of_others_are_not_answered() {
    let node = Node::with(2).await;
    for topic in [
        "$aws/things/t1/shadow/get",
        "$aws/things/t1/jobs/get/accepted",
        "$aws/things/t1/jobs/notify",
        "$aws/things/t2/jobs/get",
        "t1",
    ] {
        let told = node.fleet.job_request("t1", topic, b"").await.unwrap();
        assert_eq!(told, None, "{topic}");
    }
    let told = node
        .fleet
        .job_request("t1", "$aws/things/t1/jobs/get", b"")
        .await;
    assert_eq!(topics(&told.unwrap().unwrap()), ["get/accepted"]);
}

#[tokio::test]
async fn what_is_refused_says_why_and_changes_nothing() {
    let node = Node::with(1).await;
    node.job("ota", &["t1"], json!({})).await;
    node.tick().await;
    let before = node.statuses("ota").await;
    for (thing, path, payload, code) in [
        (
            "t1",
            "ota/update",
            json!({"status": "DONE"}),
            "InvalidRequest",
        ),
        ("t1", "ota/update", json!([]), "InvalidJson"),
        (
            "t1",
            "other/update",
            json!({"status": "FAILED"}),
            "ResourceNotFound",
        ),
        ("t1", "ota/nothing", json!({}), "InvalidTopic"),
        (
            "t1",
            "ota/update",
            json!({"status": "FAILED", "expectedVersion": 9}),
            "VersionMismatch",
        ),
        ("nobody", "get", json!({}), "ResourceNotFound"),
    ] {
        assert_eq!(node.rejected(thing, path, payload).await, code, "{path}");
    }
    assert_eq!(node.statuses("ota").await, before);
    node.update("t1", "ota", "SUCCEEDED").await;
    assert_eq!(
        node.rejected("t1", "ota/get", json!({})).await,
        "TerminalStateReached"
    );
}

#[tokio::test]
async fn a_device_that_asks_too_much_at_once_is_told_so() {
    let node = Node::with(2).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..21 {
        let fleet = Arc::clone(&node.fleet);
        let thing = if n == 20 { "t2" } else { "t1" };
        tasks.spawn(async move {
            let topic = format!("$aws/things/{thing}/jobs/get");
            let told = fleet
                .job_request(thing, &topic, b"")
                .await
                .unwrap()
                .unwrap();
            (
                thing,
                told[0].body.value()["code"].as_str().map(ToOwned::to_owned),
            )
        });
    }
    let answers = tasks.join_all().await;
    let throttled = answers
        .iter()
        .filter(|(_, code)| code.as_deref() == Some("RequestThrottled"));
    assert_eq!(throttled.count(), 10);
    let other = answers.iter().find(|(thing, _)| *thing == "t2").unwrap();
    assert_eq!(other.1, None);
    // It may ask again as soon as it was answered.
    node.accepted("t1", "get", json!({})).await;
}

#[tokio::test]
async fn many_devices_at_once_are_each_served_once() {
    let node = Node::with(300).await;
    let targets: Vec<String> = (1..=300).map(|n| format!("t{n}")).collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    node.job("ota", &targets, json!({})).await;
    node.run(20).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 1..=300 {
        let fleet = Arc::clone(&node.fleet);
        tasks.spawn(async move {
            let thing = format!("t{n}");
            for path in ["start-next", "ota/update"] {
                let topic = format!("$aws/things/{thing}/jobs/{path}");
                let payload = br#"{"status":"SUCCEEDED"}"#;
                let told = fleet.job_request(&thing, &topic, payload).await;
                assert!(told.unwrap().unwrap()[0].topic.ends_with("/accepted"));
            }
        });
    }
    tasks.join_all().await;
    node.tick().await;
    let shown = node.shown("ota").await;
    assert_eq!(shown.progress.executions.succeeded, 300);
    assert_eq!(shown.summary.status.as_str(), "COMPLETED");
    assert_eq!(node.events("job.execution.changed").await.len(), 900);
}

#[tokio::test]
async fn jobs_stand_in_line_in_the_order_in_which_they_were_told() {
    let mut node = Node::with(1).await;
    node.job("b", &["t1"], json!({})).await;
    node.wait(1);
    node.job("a", &["t1"], json!({})).await;
    // Both are told within one second.
    node.tick().await;
    node.restart().await;
    let next = node.accepted("t1", "$next/get", json!({})).await;
    assert_eq!(next["execution"]["jobId"], "b");
    let list = node.accepted("t1", "get", json!({})).await;
    let order: Vec<_> = list["queuedJobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| &job["jobId"])
        .collect();
    assert_eq!(order, ["b", "a"]);
}
