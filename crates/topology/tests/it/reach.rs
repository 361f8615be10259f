//! What hangs off an end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use proptest::prelude::*;
use trunkline_topology::{End, TopologyError};

use crate::support::Node;

#[tokio::test]
async fn everything_that_leads_there_hangs_off_it() {
    let node = Node::new().await;
    node.put(&[
        "thing:t1 talks-through thing:t0",
        "thing:t2 talks-through thing:t0",
        "thing:t3 reads thing:t1",
        "place:cellar heated-by thing:t3",
        "thing:t0 stands-in place:hall",
        "thing:t4 stands-in place:hall",
    ])
    .await;
    let expected = ["t1 1", "t2 1", "t3 2", "place:cellar 3"];
    assert_eq!(node.reach("thing:t0", 10, None).await, expected);
    assert_eq!(node.reach("thing:t0", 2, None).await, expected[..3]);
    assert_eq!(node.reach("thing:t0", 1, None).await, expected[..2]);
    let same = Some("talks-through");
    assert_eq!(node.reach("thing:t0", 10, same).await, expected[..2]);
    assert!(node.reach("thing:t0", 10, Some("feeds")).await.is_empty());
    assert!(node.reach("thing:t2", 10, None).await.is_empty());
    let hall = node.reach("place:hall", 2, None).await;
    assert_eq!(hall, ["t0 1", "t4 1", "t1 2", "t2 2"]);
}

#[tokio::test]
async fn circles_come_to_an_end() {
    let node = Node::new().await;
    node.put(&[
        "thing:t1 feeds thing:t0",
        "thing:t2 feeds thing:t1",
        "thing:t0 feeds thing:t2",
        "thing:t3 feeds thing:t2",
        "thing:t2 feeds thing:t3",
    ])
    .await;
    // It does not hang off itself, and each is there once.
    assert_eq!(
        node.reach("thing:t0", 10, None).await,
        ["t1 1", "t2 2", "t3 3"]
    );
    assert_eq!(
        node.reach("thing:t2", 10, None).await,
        ["t0 1", "t3 1", "t1 2"]
    );
}

#[tokio::test]
async fn of_several_ways_the_shortest_counts() {
    let node = Node::new().await;
    node.put(&[
        "thing:t1 feeds thing:t0",
        "thing:t2 feeds thing:t1",
        "thing:t3 feeds thing:t2",
        "thing:t3 reads thing:t0",
        "thing:t3 feeds thing:t0",
        "thing:t4 feeds thing:t3",
    ])
    .await;
    assert_eq!(
        node.reach("thing:t0", 10, None).await,
        ["t1 1", "t3 1", "t2 2", "t4 2"]
    );
    // By one kind alone the way may be longer.
    assert_eq!(node.reach("thing:t0", 10, Some("reads")).await, ["t3 1"]);
}

#[tokio::test]
async fn it_looks_ten_steps_far_at_the_most() {
    let node = Node::new().await;
    let chain = (1..=12).map(|n| (format!("place:p{n}"), format!("place:p{}", n - 1)));
    node.write_many(chain).await;
    let found = node.reach("place:p0", 10, None).await;
    assert_eq!((found.len(), found[9].as_str()), (10, "place:p10 10"));
    let end: End = "place:p0".parse().unwrap();
    for depth in [0, 11] {
        let refused = node.topology.reach(&end, depth, None).await;
        assert!(matches!(refused, Err(TopologyError::Depth)));
    }
    let refused = node.topology.reach(&end, 1, Some("a b")).await;
    assert!(matches!(refused, Err(TopologyError::Invalid(_))));
}

#[tokio::test]
async fn a_gateway_of_very_many_is_answered() {
    let node = Node::new().await;
    let of_gateway = (0..20_000).map(|n| (format!("thing:p{n}"), "thing:t0".to_owned()));
    let behind = (0..20_000).map(|n| (format!("thing:q{n}"), format!("thing:p{n}")));
    node.write_many(of_gateway.chain(behind)).await;
    let found = node.reach("thing:t0", 10, None).await;
    assert_eq!(found.len(), 40_000);
    assert!(found[20_000].ends_with(" 2"));
}

#[tokio::test]
async fn very_many_ways_are_few_ends() {
    let node = Node::new().await;
    // Each of 300 leads to each other: 90,000 relations, and as many ways as nobody can follow.
    let ends = 0..300_u32;
    let pairs = ends
        .clone()
        .flat_map(|one| ends.clone().map(move |other| (one, other)));
    let dense = pairs
        .filter(|(one, other)| one != other)
        .map(|(one, other)| (format!("place:p{one}"), format!("place:p{other}")));
    node.write_many(dense).await;
    let began = Instant::now();
    let found = node.reach("place:p0", 10, None).await;
    assert_eq!(found.len(), 299);
    assert!(found.iter().all(|one| one.ends_with(" 1")));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_search_that_becomes_too_large_is_broken_off() {
    let node = Node::new().await;
    // More than the platform takes.
    let near = (0..150_000).map(|n| (format!("place:p{n}"), "place:root".to_owned()));
    let far = (0..60_000).map(|n| (format!("place:q{n}"), format!("place:p{n}")));
    node.write_many(near.chain(far)).await;
    let root: End = "place:root".parse().unwrap();
    let reach = node.topology.reach(&root, 10, None).await.unwrap();
    // The nearest come first, so that none of those is missed.
    assert!(!reach.complete);
    assert_eq!((reach.total, reach.ends.len()), (200_000, 200_000));
    assert_eq!(reach.ends[149_999].distance, 1);
    let reach = node.topology.reach(&root, 1, None).await.unwrap();
    assert_eq!((reach.total, reach.complete), (150_000, true));
}

#[tokio::test]
async fn a_circle_of_very_many_is_followed_once() {
    let node = Node::new().await;
    // Round the circle of two, the way to each of very many leads again and again.
    let many = (0..41_000).map(|n| (format!("place:p{n}"), "place:one".to_owned()));
    node.write_many(many).await;
    node.put(&[
        "place:one feeds place:root",
        "place:two feeds place:one",
        "place:one feeds place:two",
    ])
    .await;
    let root: End = "place:root".parse().unwrap();
    let reach = node.topology.reach(&root, 10, None).await.unwrap();
    assert!(reach.complete);
    assert_eq!((reach.total, reach.ends[41_001].distance), (41_002, 2));
}

/// Follows relations by hand: the ends that lead to the first, with the shortest distances.
fn by_hand(relations: &[(u32, u32, bool)], depth: u32, feeds: bool) -> BTreeSet<String> {
    let mut nearest = BTreeMap::from([(0, 0)]);
    for distance in 1..=depth {
        let reached: Vec<u32> = nearest.keys().copied().collect();
        for (from, to, kind) in relations {
            if reached.contains(to) && (*kind || !feeds) {
                nearest.entry(*from).or_insert(distance);
            }
        }
    }
    nearest.remove(&0);
    let written = nearest
        .iter()
        .map(|(end, distance)| format!("t{end} {distance}"));
    written.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_table_gives_what_is_found_by_hand(
        relations in prop::collection::vec((0..8_u32, 0..8_u32, any::<bool>()), 0..20),
        depth in 1..6_u32,
        feeds in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let relations: Vec<_> = relations.into_iter().filter(|(from, to, _)| from != to).collect();
        let found = runtime.block_on(async {
            let node = Node::new().await;
            for (from, to, kind) in &relations {
                let kind = if *kind { "feeds" } else { "reads" };
                node.try_put(&format!("thing:t{from} {kind} thing:t{to}")).await.unwrap();
            }
            node.reach("thing:t0", depth, feeds.then_some("feeds")).await
        });
        let found: BTreeSet<String> = found.into_iter().collect();
        prop_assert_eq!(found, by_hand(&relations, depth, feeds));
    }
}
