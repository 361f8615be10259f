//! Types of things.

use serde_json::{Map, Value, json};
use trunkline_fleet::{Answer, FleetError, NewThing, NewThingType, ThingChange, TwinRequest};
use trunkline_model::Coded as _;
use trunkline_twin::Operation;

use crate::support::Node;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else {
        unreachable!()
    };
    object
}

fn pump(name: &str, attributes: Value) -> NewThing {
    NewThing {
        name: name.into(),
        kind: "pump".into(),
        attributes: object(attributes),
    }
}

async fn typed(node: &Node, wanted: Value) {
    let wanted: NewThingType = serde_json::from_value(wanted).unwrap();
    node.fleet.put_type("pump", wanted, "acc_1").await.unwrap();
}

async fn report(node: &Node, thing: &str, shadow: Option<&str>, reported: Value) -> Answer {
    let request = TwinRequest {
        thing: thing.into(),
        shadow: shadow.map(ToOwned::to_owned),
        operation: Operation::Update,
        payload: json!({"state": {"reported": reported}}).to_string().into(),
        by: "acc_1".into(),
    };
    node.fleet.twin(request).await.unwrap()
}

#[tokio::test]
async fn attributes_that_do_not_fit_are_refused() {
    let mut node = Node::new().await;
    node.fleet
        .create(pump("before", json!({})), "acc_1")
        .await
        .unwrap();
    let schema = json!({"required": ["site"], "properties": {"site": {"type": "string"}}, "additionalProperties": false});
    typed(&node, json!({"attributes": schema})).await;
    node.restart().await;
    let refused = node
        .fleet
        .create(pump("p1", json!({"site": 7})), "acc_1")
        .await;
    let error = refused.unwrap_err();
    assert_eq!(error.code().code, "TL-FLEET-022");
    assert!(error.to_string().contains("/site"), "{error}");
    node.fleet
        .create(pump("p1", json!({"site": "oslo"})), "acc_1")
        .await
        .unwrap();
    // What the platform notes there is no matter of the type.
    let provisioned = json!({"site": "oslo", "provisionedBy": "pumps"});
    node.fleet
        .create(pump("p2", provisioned), "acc_1")
        .await
        .unwrap();
    let change = |kind: Option<&str>, attributes| ThingChange {
        kind: kind.map(ToOwned::to_owned),
        attributes: object(attributes),
    };
    let unfit = node
        .fleet
        .change("p1", change(None, json!({"site": null})), "acc_1")
        .await;
    assert!(matches!(unfit, Err(FleetError::Unfit { .. })));
    let changed = node
        .fleet
        .change("p1", change(None, json!({"site": "rome"})), "acc_1")
        .await;
    assert_eq!(changed.unwrap().attributes, object(json!({"site": "rome"})));
    let other = change(Some("valve"), json!({"site": null, "bore": 5}));
    let changed = node.fleet.change("p1", other, "acc_1").await.unwrap();
    assert_eq!(
        (changed.kind.as_str(), &changed.attributes),
        ("valve", &object(json!({"bore": 5})))
    );
    assert_eq!(node.fleet.thing("p1").await.unwrap(), changed);
    // Those that were there stay, until somebody changes them; a device that is provisioned once more is found.
    let again = node.fleet.create(pump("before", json!({})), "acc_1").await;
    assert!(matches!(again, Err(FleetError::ThingExists(_))));
    let before = node
        .fleet
        .change("before", change(None, json!({})), "acc_1")
        .await;
    assert!(matches!(before, Err(FleetError::Unfit { .. })));
    assert_eq!(node.events("thing.changed").await.len(), 2);
    let large = change(None, json!({"x": "x".repeat(5_000)}));
    let large = node.fleet.change("p2", large, "acc_1").await;
    assert!(matches!(large, Err(FleetError::Invalid(_))));
    let nobody = node
        .fleet
        .change("nobody", ThingChange::default(), "acc_1")
        .await;
    assert!(matches!(nobody, Err(FleetError::ThingUnknown(_))));
}

#[tokio::test]
async fn what_a_device_reports_is_taken_and_told_of_where_it_does_not_fit() {
    let node = Node::new().await;
    node.fleet
        .create(pump("p1", json!({})), "acc_1")
        .await
        .unwrap();
    node.thing("other").await;
    typed(
        &node,
        json!({"reported": {"properties": {"rpm": {"type": "integer"}}}}),
    )
    .await;
    report(&node, "p1", None, json!({"rpm": 5}))
        .await
        .result
        .unwrap();
    for n in 0..3 {
        let answer = report(&node, "p1", None, json!({"rpm": "secret", "n": n})).await;
        answer.result.unwrap();
        node.wait(10);
    }
    report(&node, "p1", Some("part"), json!({"rpm": "x"}))
        .await
        .result
        .unwrap();
    report(&node, "other", None, json!({"rpm": "x"}))
        .await
        .result
        .unwrap();
    let unfit = node.events("twin.unfit").await;
    assert_eq!(unfit.len(), 1);
    assert_eq!(
        (&unfit[0]["thing"], &unfit[0]["kind"], &unfit[0]["version"]),
        (&json!("p1"), &json!("pump"), &json!(2))
    );
    let problem = unfit[0]["problems"][0].as_str().unwrap();
    assert!(
        problem.starts_with("/rpm") && !problem.contains("secret"),
        "{problem}"
    );
    node.wait(30);
    // The whole is looked at, not only what is new.
    report(&node, "p1", None, json!({"n": 9}))
        .await
        .result
        .unwrap();
    let unfit = node.events("twin.unfit").await;
    assert_eq!((unfit.len(), &unfit[1]["repeated"]), (2, &json!(2)));
    node.wait(60);
    report(&node, "p1", None, json!({"rpm": 7}))
        .await
        .result
        .unwrap();
    assert_eq!(node.events("twin.unfit").await.len(), 2);
    assert_eq!(node.events("twin.changed").await.len(), 8);
}

#[tokio::test]
async fn a_type_may_have_larger_shadows() {
    let node = Node::new().await;
    node.fleet
        .create(pump("p1", json!({})), "acc_1")
        .await
        .unwrap();
    node.thing("other").await;
    let text = json!({"text": "x".repeat(20_000)});
    assert_eq!(
        report(&node, "p1", None, text.clone())
            .await
            .result
            .unwrap_err()
            .code,
        413
    );
    typed(&node, json!({"shadow_bytes": 65_536})).await;
    report(&node, "p1", None, text.clone())
        .await
        .result
        .unwrap();
    assert_eq!(
        report(&node, "other", None, text)
            .await
            .result
            .unwrap_err()
            .code,
        413
    );
    // Each value has a time, and so many times are too many for an event.
    let list = json!({"text": null, "list": vec![1; 32_000]});
    assert_eq!(
        report(&node, "p1", None, list)
            .await
            .result
            .unwrap_err()
            .code,
        413
    );
    let list = json!({"text": null, "list": vec![1; 12_000]});
    report(&node, "p1", None, list).await.result.unwrap();
    // Without the type a large one can still become smaller.
    node.fleet.remove_type("pump", "acc_1").await.unwrap();
    report(&node, "p1", None, json!({"list": null, "n": 1}))
        .await
        .result
        .unwrap();
}

#[tokio::test]
async fn types_are_written_listed_and_removed() {
    let node = Node::new().await;
    typed(&node, json!({"description": "first"})).await;
    typed(&node, json!({"description": "second"})).await;
    let all = node.fleet.types().await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].description.as_str(), all[0].shadow_bytes),
        ("second", 8_192)
    );
    assert_eq!(node.fleet.thing_type("pump").await.unwrap(), all[0]);
    for (name, wanted, words) in [
        ("a b", json!({}), "name"),
        ("x", json!({"shadow_bytes": 8_191}), "shadow_bytes"),
        ("x", json!({"shadow_bytes": 65_537}), "shadow_bytes"),
        ("x", json!({"reported": {"$ref": "#"}}), "`reported`"),
        ("x", json!({"attributes": {"type": 7}}), "`attributes`"),
        (
            "x",
            json!({"description": "x".repeat(2_029)}),
            "description",
        ),
    ] {
        let wanted = serde_json::from_value(wanted).unwrap();
        let error = node
            .fleet
            .put_type(name, wanted, "acc_1")
            .await
            .unwrap_err();
        assert_eq!(error.code().code, "TL-FLEET-021");
        assert!(error.to_string().contains(words), "{error}");
    }
    node.fleet.remove_type("pump", "acc_1").await.unwrap();
    let gone = node.fleet.remove_type("pump", "acc_1").await.unwrap_err();
    assert_eq!(gone.code().code, "TL-FLEET-020");
    let changed = node.events("type.changed").await;
    assert_eq!((changed.len(), &changed[2]["removed"]), (3, &json!(true)));
}
