//! What comes to an end, and a clock that is set back.

use serde_json::{Value, json};
use trunkline_fleet::TwinRequest;
use trunkline_twin::Operation;

use crate::support::{Node, only};

const DAY: i64 = 86_400;
const EXPIRING: &str = "certificate.expiring";

#[tokio::test]
async fn a_certificate_that_ends_soon_is_told_once_a_day_whatever_starts_anew() {
    let mut node = Node::with(2).await;
    let soon = node.fleet.certify("t1", None, 40, "acc_1").await.unwrap();
    let later = node.fleet.certify("t2", None, 365, "acc_1").await.unwrap();
    let told = async |node: &Node| {
        node.fleet.look_after_certificates().await.unwrap();
        let events = node.events(EXPIRING).await;
        let about = |event: &Value| event["certificate"].as_str().unwrap().to_owned();
        events.iter().map(about).collect::<Vec<_>>()
    };
    assert_eq!(told(&node).await, [""; 0]);
    node.wait(11 * DAY);
    let id = &soon.certificate.id;
    assert_eq!(told(&node).await, [id.as_str()]);
    node.restart().await;
    node.wait(3_600);
    assert_eq!(told(&node).await, [id.as_str()], "not again for a restart");
    node.wait(DAY);
    assert_eq!(told(&node).await, [id.as_str(), id]);
    assert_eq!(node.fleet.ended_certificates(), [""; 0]);
    // What has ended is no longer told of, and its connections have to end.
    node.wait(30 * DAY);
    assert_eq!(told(&node).await.len(), 2);
    assert_eq!(node.fleet.ended_certificates(), [id.as_str()]);
    assert!(node.fleet.holder(id).is_none());
    assert!(node.fleet.holder(&later.certificate.id).is_some());
}

#[tokio::test]
async fn a_clock_that_is_set_back_costs_no_version_and_ends_nothing_early() {
    let mut node = Node::with(1).await;
    let report = async |node: &Node, n: u64| {
        let payload = json!({"state": {"reported": {"n": n}}}).to_string();
        let request = TwinRequest {
            thing: "t1".into(),
            shadow: None,
            operation: Operation::Update,
            payload: payload.into(),
            by: "t1".into(),
        };
        let answer = node.fleet.twin(request).await.unwrap().result.unwrap();
        answer.value()["version"].as_u64().unwrap()
    };
    let more = json!({"timeoutConfig": {"inProgressTimeoutInMinutes": 2}});
    node.job("ota", &["t1"], more).await;
    node.tick().await;
    node.accepted("t1", "start-next", json!({})).await;
    assert_eq!(report(&node, 1).await, 1);
    node.wait(-3_600);
    node.tick().await;
    assert_eq!(report(&node, 2).await, 2);
    assert_eq!(only(&node.statuses("ota").await), ["IN_PROGRESS"]);
    node.restart().await;
    assert_eq!(report(&node, 3).await, 3);
    node.wait(3_600 + 119);
    node.tick().await;
    assert_eq!(only(&node.statuses("ota").await), ["IN_PROGRESS"]);
    node.wait(1);
    node.tick().await;
    assert_eq!(only(&node.statuses("ota").await), ["TIMED_OUT"]);
    assert_eq!(report(&node, 4).await, 4);
    let history: Vec<Value> = node.events("twin.changed").await;
    let versions: Vec<_> = history
        .iter()
        .map(|event| event["version"].as_u64().unwrap())
        .collect();
    assert_eq!(versions, [1, 2, 3, 4]);
}
