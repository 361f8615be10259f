//! Devices that are gone.

use serde_json::json;
use trunkline_model::Clock as _;

use crate::support::Node;

#[tokio::test]
async fn a_device_that_is_gone_takes_its_relations_along() {
    let node = Node::new().await;
    node.put(&[
        "thing:t1 feeds thing:t0",
        "thing:t0 stands-in place:cellar",
        "thing:t2 feeds thing:t1",
        "thing:t2 stands-in place:cellar",
    ])
    .await;
    node.things.remove("t1");
    assert_eq!(node.forget("t1").await, 2);
    assert_eq!(node.forget("t1").await, 0);
    assert_eq!(node.relations("thing:t0").await.1, Vec::<String>::new());
    assert_eq!(
        node.relations("thing:t2").await.0,
        ["stands-in place:cellar"]
    );
    assert_eq!(
        node.events("removed").await,
        [
            json!({"from": "thing:t1", "kind": "feeds", "to": "thing:t0", "by": "acc_2"}),
            json!({"from": "thing:t2", "kind": "feeds", "to": "thing:t1", "by": "acc_2"}),
        ]
    );
    // One of its name is another.
    node.things.add("t1");
    let (outgoing, incoming) = node.relations("thing:t1").await;
    assert!(outgoing.is_empty() && incoming.is_empty());
    let now = node.clock.now();
    assert!(node.topology.forget("a b", "acc_2", now).await.is_err());
}

#[tokio::test]
async fn names_that_begin_alike_are_others() {
    let node = Node::new().await;
    node.things.add("t11");
    node.put(&["thing:t11 feeds thing:t0", "site:t1 feeds thing:t0"])
        .await;
    assert_eq!(node.forget("t1").await, 0);
    assert_eq!(node.relations("thing:t0").await.1.len(), 2);
}

#[tokio::test]
async fn a_device_that_is_made_anew_keeps_its_own_relations() {
    let node = Node::new().await;
    node.put(&[
        "thing:t1 feeds thing:t0",
        "thing:t1 stands-in place:cellar",
        "thing:t2 feeds thing:t1",
        "thing:t3 feeds thing:t1",
    ])
    .await;
    node.things.remove("t1");
    let removed = node.clock.now();
    node.clock.advance_micros(1);
    node.things.add("t1");
    node.put(&["thing:t1 stands-in place:attic"]).await;
    // What is said of the new one too is its own, though there was one left of the old.
    assert!(!node.try_put("thing:t2 feeds thing:t1").await.unwrap());
    // The event of the removal comes later than the device is back, and may come twice.
    for expected in [3, 0] {
        let forgotten = node.topology.forget("t1", "acc_2", removed).await;
        assert_eq!(forgotten.unwrap(), expected);
        let (outgoing, incoming) = node.relations("thing:t1").await;
        assert_eq!(outgoing, ["stands-in place:attic"]);
        assert_eq!(incoming, ["feeds thing:t2"]);
    }
    assert_eq!(node.events("removed").await.len(), 3);
}

#[tokio::test]
async fn a_gateway_with_very_many_is_forgotten() {
    let node = Node::new().await;
    let many = (0..1_700).map(|n| (format!("place:p{n}"), "thing:t0".to_owned()));
    node.write_many(many).await;
    node.put(&["thing:t0 stands-in place:cellar"]).await;
    assert_eq!(node.forget("t0").await, 1_701);
    assert_eq!(node.events("removed").await.len(), 1_701);
    assert_eq!(node.relations("thing:t0").await.1.len(), 0);
}

#[tokio::test]
async fn what_a_crash_left_behind_is_forgotten_at_the_start() {
    let mut node = Node::new().await;
    let many = (0..700).map(|n| (format!("thing:x{n}"), "thing:t0".to_owned()));
    node.write_many(many).await;
    node.put(&[
        "thing:t1 feeds thing:t0",
        "thing:t2 feeds place:cellar",
        "site:thing feeds place:cellar",
    ])
    .await;
    node.things.remove("t2");
    // The platform ended before they were forgotten.
    node.restart().await;
    assert_eq!(node.topology.forget_missing().await.unwrap(), 701);
    assert_eq!(node.topology.forget_missing().await.unwrap(), 0);
    assert_eq!(node.relations("thing:t0").await.1, ["feeds thing:t1"]);
    assert_eq!(node.relations("place:cellar").await.1, ["feeds site:thing"]);
    assert!(
        node.events("removed")
            .await
            .iter()
            .all(|event| event["by"] == "platform")
    );
}
