//! Things, the secrets by which they connect, and their twins.

use std::collections::HashMap;
use std::sync::Arc;

use trunkline_fleet::{FleetError, NewThing, TwinRequest};
use trunkline_twin::Operation;

use crate::support::Node;

fn named(name: &str) -> NewThing {
    NewThing {
        name: name.into(),
        kind: "pump".into(),
        ..NewThing::default()
    }
}

fn ask(thing: &str, operation: Operation, payload: &str) -> TwinRequest {
    TwinRequest {
        thing: thing.into(),
        shadow: None,
        operation,
        payload: payload.into(),
        by: "acc_1".into(),
    }
}

#[tokio::test]
async fn a_secret_names_its_thing_until_it_is_renewed_or_the_thing_goes() {
    let node = Node::new().await;
    let fleet = &node.fleet;
    let (thing, secret) = fleet.create(named("pump-7"), "acc_1").await.unwrap();
    assert!(secret.reveal().starts_with("tld_"));
    assert_eq!(fleet.known(secret.reveal()).as_deref(), Some("pump-7"));
    assert_eq!(fleet.known("tld_other"), None);
    assert_eq!(fleet.things("", 10).await.unwrap(), [thing]);
    let again = fleet.create(named("pump-7"), "acc_1").await;
    assert!(matches!(again, Err(FleetError::ThingExists(_))));
    let renewed = fleet.renew_secret("pump-7", "acc_1").await.unwrap();
    assert_eq!(fleet.known(secret.reveal()), None);
    assert_eq!(fleet.known(renewed.reveal()).as_deref(), Some("pump-7"));
    fleet.remove("pump-7", "acc_1").await.unwrap();
    assert_eq!(fleet.known(renewed.reveal()), None);
    let gone = fleet.remove("pump-7", "acc_1").await;
    assert!(matches!(gone, Err(FleetError::ThingUnknown(_))));
}

#[tokio::test]
async fn things_are_the_same_after_a_restart() {
    let mut node = Node::new().await;
    let first = &node.fleet;
    let (_, secret) = first.create(named("pump-7"), "acc_1").await.unwrap();
    let update = ask(
        "pump-7",
        Operation::Update,
        r#"{"state":{"reported":{"on":true}}}"#,
    );
    first.twin(update).await.unwrap();
    node.restart().await;
    let second = &node.fleet;
    assert_eq!(second.known(secret.reveal()).as_deref(), Some("pump-7"));
    let got = second
        .twin(ask("pump-7", Operation::Get, ""))
        .await
        .unwrap();
    assert_eq!(got.result.unwrap().value()["state"]["reported"]["on"], true);
}

#[tokio::test]
async fn an_update_is_answered_and_told_to_all_who_listen() {
    let node = Node::new().await;
    let fleet = &node.fleet;
    fleet.create(named("pump-7"), "acc_1").await.unwrap();
    let update = ask(
        "pump-7",
        Operation::Update,
        r#"{"state":{"desired":{"on":true}},"clientToken":"t"}"#,
    );
    let answer = fleet.twin(update).await.unwrap();
    let topics: Vec<_> = answer.told.iter().map(|told| told.topic.as_str()).collect();
    assert_eq!(
        topics,
        [
            "$aws/things/pump-7/shadow/update/accepted",
            "$aws/things/pump-7/shadow/update/delta",
            "$aws/things/pump-7/shadow/update/documents",
        ]
    );
    assert_eq!(answer.result.unwrap().value()["version"], 1);
    assert_eq!(fleet.shadows("pump-7").await.unwrap(), [""]);
    assert_eq!(node.events("twin.changed").await.len(), 1);
}

#[tokio::test]
async fn a_refusal_has_its_words_and_changes_nothing() {
    let node = Node::new().await;
    let fleet = &node.fleet;
    fleet.create(named("pump-7"), "acc_1").await.unwrap();
    let refusals = [
        (ask("pump-8", Operation::Get, ""), 404),
        (ask("pump-7", Operation::Get, ""), 404),
        (ask("pump-7", Operation::Delete, ""), 404),
        (
            ask(
                "pump-7",
                Operation::Update,
                r#"{"state":1,"clientToken":"t"}"#,
            ),
            400,
        ),
        (
            ask("pump-7", Operation::Update, r#"{"state":{},"version":7}"#),
            409,
        ),
    ];
    for (request, code) in refusals {
        let operation = request.operation.as_str();
        let answer = fleet.twin(request).await.unwrap();
        assert_eq!(answer.result.unwrap_err().code, code);
        assert_eq!(answer.told.len(), 1);
        assert!(
            answer.told[0]
                .topic
                .ends_with(&format!("{operation}/rejected"))
        );
        assert_eq!(answer.told[0].body.value()["code"], code);
    }
    assert!(node.events("twin.changed").await.is_empty());
}

#[tokio::test]
async fn a_thing_has_a_number_of_shadows() {
    let node = Node::new().await;
    let fleet = &node.fleet;
    fleet.create(named("pump-7"), "acc_1").await.unwrap();
    let update = |n: usize| TwinRequest {
        shadow: Some(format!("s{n}")),
        ..ask(
            "pump-7",
            Operation::Update,
            r#"{"state":{},"clientToken":"t"}"#,
        )
    };
    for n in 0..101 {
        fleet.twin(update(n)).await.unwrap().result.unwrap();
    }
    let refused = fleet.twin(update(101)).await.unwrap();
    assert_eq!(refused.result.unwrap_err().code, 400);
    assert_eq!(refused.told[0].body.value()["clientToken"], "t");
    // One that is there is changed, and one that was deleted still counts for its version's sake.
    fleet.twin(update(7)).await.unwrap().result.unwrap();
    let delete = TwinRequest {
        operation: Operation::Delete,
        payload: Vec::new(),
        ..update(7)
    };
    fleet.twin(delete).await.unwrap().result.unwrap();
    assert_eq!(fleet.shadows("pump-7").await.unwrap().len(), 100);
    fleet.twin(update(102)).await.unwrap().result.unwrap_err();
}

#[tokio::test]
async fn many_at_once_lose_no_version() {
    let node = Node::new().await;
    let fleet = &node.fleet;
    for thing in 0..10 {
        fleet
            .create(named(&format!("t{thing}")), "acc_1")
            .await
            .unwrap();
    }
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..500 {
        let fleet = Arc::clone(fleet);
        tasks.spawn(async move {
            let payload = format!(r#"{{"state":{{"reported":{{"n{n}":{n}}}}}}}"#);
            let thing = format!("t{}", n % 10);
            let update = ask(&thing, Operation::Update, &payload);
            let answer = fleet.twin(update).await.unwrap().result.unwrap().value();
            (thing, answer["version"].as_u64().unwrap())
        });
    }
    let mut versions: HashMap<String, Vec<u64>> = HashMap::new();
    while let Some(done) = tasks.join_next().await {
        let (thing, version) = done.unwrap();
        versions.entry(thing).or_default().push(version);
    }
    for (thing, mut versions) in versions {
        versions.sort_unstable();
        assert_eq!(versions, (1..=50).collect::<Vec<_>>());
        let got = fleet.twin(ask(&thing, Operation::Get, "")).await.unwrap();
        let reported = got.result.unwrap().value()["state"]["reported"].clone();
        assert_eq!(reported.as_object().map(serde_json::Map::len), Some(50));
    }
}
