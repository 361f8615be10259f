//! Groups of things.

use trunkline_fleet::{FleetError, GroupChange, NewGroup};

use crate::support::Node;

fn named(name: &str) -> NewGroup {
    NewGroup {
        name: name.into(),
        ..NewGroup::default()
    }
}

fn under(name: &str, parent: &str) -> NewGroup {
    NewGroup {
        parent: Some(parent.into()),
        ..named(name)
    }
}

fn asked(name: &str, statement: &str) -> NewGroup {
    NewGroup {
        statement: Some(statement.into()),
        ..named(name)
    }
}

#[tokio::test]
async fn groups_are_a_tree_of_seven_levels() {
    let node = Node::with(3).await;
    node.fleet.create_group(named("g1"), "acc_1").await.unwrap();
    for level in 2..=7 {
        let wanted = under(&format!("g{level}"), &format!("g{}", level - 1));
        node.fleet.create_group(wanted, "acc_1").await.unwrap();
    }
    let refused = |wanted: NewGroup| {
        let fleet = std::sync::Arc::clone(&node.fleet);
        async move { fleet.create_group(wanted, "acc_1").await.unwrap_err() }
    };
    let error = refused(under("g8", "g7")).await;
    assert!(matches!(&error, FleetError::GroupInvalid(why) if why.contains("7 levels")));
    assert!(matches!(
        refused(under("x", "nobody")).await,
        FleetError::GroupUnknown(_)
    ));
    assert!(matches!(
        refused(named("g1")).await,
        FleetError::GroupExists(_)
    ));
    assert!(matches!(
        refused(named("a b")).await,
        FleetError::GroupInvalid(_)
    ));
    assert!(matches!(
        refused(asked("x", " ")).await,
        FleetError::GroupInvalid(_)
    ));
    let both = NewGroup {
        statement: Some("select 1".into()),
        ..under("x", "g1")
    };
    assert!(matches!(refused(both).await, FleetError::GroupInvalid(_)));
    for (group, thing) in [("g7", "t2"), ("g3", "t1"), ("g3", "t2"), ("g1", "t3")] {
        node.fleet
            .add_to_group(group, thing, "acc_1")
            .await
            .unwrap();
    }
    let things = |group: &'static str, after: &'static str, count| {
        let fleet = std::sync::Arc::clone(&node.fleet);
        async move { fleet.things_of_group(group, after, count).await.unwrap() }
    };
    assert_eq!(things("g1", "", 10).await, ["t1", "t2", "t3"]);
    assert_eq!(things("g1", "t1", 1).await, ["t2"]);
    assert_eq!(things("g4", "", 10).await, ["t2"]);
    let error = node.fleet.remove_group("g6", "acc_1").await.unwrap_err();
    assert!(
        error.to_string().contains("`g7` is a part of it"),
        "{error}"
    );
    node.fleet.remove_group("g7", "acc_1").await.unwrap();
    assert_eq!(node.fleet.groups_of("t2").await.unwrap(), ["g3"]);
    let all = node.fleet.groups("g2", 2).await.unwrap();
    let all: Vec<_> = all.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(all, ["g3", "g4"]);
    assert_eq!(node.events("group.changed").await.len(), 8);
}

#[tokio::test]
async fn a_thing_is_put_into_ten_groups_at_most() {
    let mut node = Node::with(1).await;
    for n in 0..11 {
        node.fleet
            .create_group(named(&format!("g{n}")), "acc_1")
            .await
            .unwrap();
    }
    for n in 0..10 {
        // To put it in twice is once.
        for _ in 0..2 {
            node.fleet
                .add_to_group(&format!("g{n}"), "t1", "acc_1")
                .await
                .unwrap();
        }
    }
    let error = node
        .fleet
        .add_to_group("g10", "t1", "acc_1")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("10 groups"), "{error}");
    assert_eq!(node.events("group.member.changed").await.len(), 10);
    for _ in 0..2 {
        node.fleet
            .take_out_of_group("g3", "t1", "acc_1")
            .await
            .unwrap();
    }
    node.fleet.add_to_group("g10", "t1", "acc_1").await.unwrap();
    let error = node
        .fleet
        .add_to_group("g1", "nobody", "acc_1")
        .await
        .unwrap_err();
    assert!(matches!(error, FleetError::ThingUnknown(_)));
    node.restart().await;
    assert_eq!(node.fleet.groups_of("t1").await.unwrap().len(), 10);
    node.fleet.remove("t1", "acc_1").await.unwrap();
    assert!(
        node.fleet
            .things_of_group("g1", "", 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_statement_makes_up_a_group_and_people_do_not() {
    let node = Node::with(3).await;
    node.fleet
        .create_group(asked("hot", "hot ones"), "acc_1")
        .await
        .unwrap();
    let error = node.fleet.things_of_group("hot", "", 10).await.unwrap_err();
    assert!(matches!(&error, FleetError::Statement(why) if why.contains("no such table")));
    let names = ["t3", "t1", "gone", "t3"].map(ToOwned::to_owned);
    node.answers.names("hot ones", names);
    assert_eq!(
        node.fleet.things_of_group("hot", "", 10).await.unwrap(),
        ["t1", "t3"]
    );
    assert_eq!(
        node.fleet.things_of_group("hot", "t1", 10).await.unwrap(),
        ["t3"]
    );
    assert_eq!(
        node.fleet.things_of_group("hot", "", 1).await.unwrap(),
        ["t1"]
    );
    let put = node.fleet.add_to_group("hot", "t2", "acc_1").await;
    assert!(matches!(put, Err(FleetError::GroupInvalid(_))));
    let part = node.fleet.create_group(under("x", "hot"), "acc_1").await;
    assert!(matches!(part, Err(FleetError::GroupInvalid(_))));
    let change = GroupChange {
        statement: Some("cold ones".into()),
        description: Some("below zero".into()),
    };
    let changed = node
        .fleet
        .change_group("hot", change.clone(), "acc_1")
        .await
        .unwrap();
    assert_eq!(changed.description, "below zero");
    node.answers.names("cold ones", ["t2".to_owned()]);
    assert_eq!(
        node.fleet.things_of_group("hot", "", 10).await.unwrap(),
        ["t2"]
    );
    node.fleet.create_group(named("g"), "acc_1").await.unwrap();
    let error = node
        .fleet
        .change_group("g", change, "acc_1")
        .await
        .unwrap_err();
    assert!(matches!(error, FleetError::GroupInvalid(_)));
}
