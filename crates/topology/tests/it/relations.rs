//! Putting, listing and removing relations.

use serde_json::json;
use trunkline_topology::{End, TopologyError};

use crate::support::{Node, read};

#[tokio::test]
async fn a_relation_is_put_once() {
    let node = Node::new().await;
    node.put(&["thing:t1 talks-through thing:t2"]).await;
    assert!(
        !node
            .try_put("thing:t1 talks-through thing:t2")
            .await
            .unwrap()
    );
    // Another kind, and the other way round, are others.
    node.put(&["thing:t1 feeds thing:t2", "thing:t2 feeds thing:t1"])
        .await;
    let (outgoing, incoming) = node.relations("thing:t1").await;
    assert_eq!(outgoing, ["feeds thing:t2", "talks-through thing:t2"]);
    assert_eq!(incoming, ["feeds thing:t2"]);
    let events = node.events("put").await;
    assert_eq!(events.len(), 3);
    assert_eq!(
        events[0],
        json!({"from": "thing:t1", "kind": "talks-through", "to": "thing:t2", "by": "acc_1"})
    );
}

#[tokio::test]
async fn a_relation_is_removed_once() {
    let node = Node::new().await;
    node.put(&["thing:t1 feeds thing:t2", "thing:t1 feeds thing:t3"])
        .await;
    let relation = read("thing:t1 feeds thing:t2");
    assert!(node.topology.remove(&relation, "acc_2").await.unwrap());
    assert!(!node.topology.remove(&relation, "acc_2").await.unwrap());
    assert_eq!(node.relations("thing:t1").await.0, ["feeds thing:t3"]);
    assert_eq!(
        node.events("removed").await,
        [json!({"from": "thing:t1", "kind": "feeds", "to": "thing:t2", "by": "acc_2"})]
    );
}

#[tokio::test]
async fn a_device_must_exist_and_a_place_need_not() {
    let node = Node::new().await;
    for relation in [
        "thing:t1 feeds thing:nobody",
        "thing:nobody feeds place:cellar",
    ] {
        let refused = node.try_put(relation).await;
        assert!(
            matches!(refused, Err(TopologyError::ThingUnknown(name)) if name == "nobody"),
            "{relation}"
        );
    }
    assert!(node.events("put").await.is_empty());
    node.put(&[
        "thing:t1 stands-in place:cellar",
        "place:cellar part-of site:oslo",
    ])
    .await;
    assert_eq!(
        node.relations("place:cellar").await,
        (
            vec!["part-of site:oslo".to_owned()],
            vec!["stands-in thing:t1".to_owned()],
        )
    );
    let nobody = End::thing("nobody").unwrap();
    let refused = node.topology.relations(&nobody, "", 10).await;
    assert!(matches!(refused, Err(TopologyError::ThingUnknown(_))));
}

#[tokio::test]
async fn so_many_relations_begin_at_one_end() {
    let node = Node::new().await;
    for n in 0..100 {
        node.put(&[&format!("thing:t1 feeds place:p{n}")]).await;
    }
    let refused = node.try_put("thing:t1 feeds place:more").await;
    assert!(matches!(refused, Err(TopologyError::Full(_))));
    assert_eq!(node.relations("thing:t1").await.0.len(), 100);
    assert_eq!(node.events("put").await.len(), 100);
    // One that is there is there, and how many lead there is not limited.
    assert!(!node.try_put("thing:t1 feeds place:p7").await.unwrap());
    node.put(&["thing:t2 feeds thing:t1"]).await;
    let relation = read("thing:t1 feeds place:p7");
    assert!(node.topology.remove(&relation, "acc_1").await.unwrap());
    node.put(&["thing:t1 feeds place:more"]).await;
}

#[tokio::test]
async fn so_many_relations_there_are_in_all() {
    let node = Node::new().await;
    let many = (0..199_999).map(|n| (format!("place:p{n}"), "place:hub".to_owned()));
    node.write_many(many).await;
    node.put(&["thing:t1 feeds place:hub"]).await;
    let refused = node.try_put("thing:t2 feeds place:hub").await;
    assert!(matches!(refused, Err(TopologyError::Full(_))));
}

#[tokio::test]
async fn what_leads_to_an_end_comes_in_pages() {
    let node = Node::new().await;
    node.put(&[
        "thing:t3 feeds place:cellar",
        "thing:t1 stands-in place:cellar",
        "thing:t1 feeds place:cellar",
        "thing:t2 feeds place:cellar",
        "place:cellar part-of site:oslo",
        "thing:t4 feeds place:attic",
    ])
    .await;
    let cellar: End = "place:cellar".parse().unwrap();
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = node.topology.relations(&cellar, &after, 1).await.unwrap();
        assert_eq!((page.outgoing.len(), page.incoming.len()), (1, 1));
        let one = &page.incoming[0];
        all.push(format!("{} {}", one.end, one.kind));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(
        all,
        [
            "thing:t1 feeds",
            "thing:t1 stands-in",
            "thing:t2 feeds",
            "thing:t3 feeds"
        ]
    );
    let page = node.topology.relations(&cellar, "x", 1).await;
    assert!(matches!(page, Err(TopologyError::Page)));
}

#[tokio::test]
async fn relations_outlive_a_restart() {
    let mut node = Node::new().await;
    node.put(&["thing:t1 feeds thing:t2"]).await;
    node.restart().await;
    assert_eq!(node.relations("thing:t2").await.1, ["feeds thing:t1"]);
    assert!(!node.try_put("thing:t1 feeds thing:t2").await.unwrap());
    assert_eq!(node.reach("thing:t2", 10, None).await, ["t1 1"]);
}
