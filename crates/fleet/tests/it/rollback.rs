//! Jobs that roll others back.

use serde_json::json;
use trunkline_fleet::FleetError;
use trunkline_job::JobStatus;

use crate::support::{Node, only};

#[tokio::test]
async fn those_who_had_begun_are_rolled_back_when_a_job_calls_itself_off() {
    let mut node = Node::with(4).await;
    let more = json!({
        "gates": {"abort": "slow boot", "everySeconds": 5},
        "rollbackDocument": {"version": 6},
    });
    node.answers.holds("slow boot", false);
    let made = node.job("ota", &["t1", "t2", "t3", "t4"], more).await;
    assert_eq!(json!(made)["rollbackDocument"], json!({"version": 6}));
    node.run(2).await;
    node.update("t1", "ota", "SUCCEEDED").await;
    node.accepted("t2", "start-next", json!({})).await;
    node.update("t3", "ota", "REJECTED").await;
    node.answers.holds("slow boot", true);
    node.run(5).await;
    let shown = node.shown("ota-rollback").await;
    assert_eq!(shown.progress.targets, 2);
    node.run(2).await;
    let told: Vec<_> = node.statuses("ota-rollback").await;
    let things: Vec<&str> = told.iter().map(|(thing, ..)| thing.as_str()).collect();
    assert_eq!(things, ["t1", "t2"]);
    let next = node.accepted("t1", "start-next", json!({})).await;
    assert_eq!(next["execution"]["jobDocument"], json!({"version": 6}));
    // It is made once, also over a restart.
    node.restart().await;
    node.run(10).await;
    assert_eq!(node.fleet.jobs(None, "", 10).await.unwrap().jobs.len(), 2);
}

#[tokio::test]
async fn a_job_is_rolled_back_by_hand_with_another_document() {
    let node = Node::with(3).await;
    node.job("ota", &["t1", "t2", "t3"], json!({})).await;
    node.run(1).await;
    let back = |document: Option<serde_json::Value>| {
        let document = document.map(|value| serde_json::from_value(value).unwrap());
        node.fleet
            .roll_back_job("ota", document, "ann", &*node.heard)
    };
    let refused = back(None).await.unwrap_err();
    assert!(matches!(refused, FleetError::JobInvalid(_)), "{refused}");
    let refused = back(Some(json!({"version": 6}))).await.unwrap_err();
    assert!(refused.to_string().contains("begun"), "{refused}");
    // What was refused changed nothing.
    assert_eq!(
        node.shown("ota").await.summary.status,
        JobStatus::InProgress
    );
    node.update("t2", "ota", "SUCCEEDED").await;
    let made = back(Some(json!({"version": 6}))).await.unwrap();
    assert_eq!(
        (&*made.summary.job_id, made.progress.targets),
        ("ota-rollback", 1)
    );
    let shown = node.shown("ota").await;
    assert_eq!(shown.summary.status, JobStatus::Canceled);
    assert_eq!(shown.reason_code.as_deref(), Some("ROLLED_BACK"));
    assert_eq!(
        only(&node.statuses("ota").await),
        ["CANCELED", "SUCCEEDED", "CANCELED"]
    );
    let again = back(Some(json!({"version": 5}))).await.unwrap_err();
    assert!(matches!(again, FleetError::JobExists(_)), "{again}");
}

#[tokio::test]
async fn who_was_stopped_in_the_midst_is_rolled_back_too_and_a_name_may_be_taken() {
    let node = Node::with(3).await;
    node.job("ota-rollback", &["t3"], json!({})).await;
    node.job(
        "ota",
        &["t1", "t2"],
        json!({"rollbackDocument": {"version": 6}}),
    )
    .await;
    node.run(1).await;
    node.accepted("t1", "start-next", json!({})).await;
    node.cancel("ota", true).await.unwrap();
    assert_eq!(only(&node.statuses("ota").await), ["CANCELED", "CANCELED"]);
    let back = node
        .fleet
        .roll_back_job("ota", None, "ann", &*node.heard)
        .await;
    let made = back.unwrap();
    assert_eq!(
        (&*made.summary.job_id, made.progress.targets),
        ("ota-rollback-2", 1)
    );
    assert_eq!(
        node.fleet.named_targets("ota-rollback-2").await.unwrap(),
        ["t1"]
    );
}
