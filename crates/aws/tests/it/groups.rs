//! Groups of things.

use serde_json::{Value, json};

use crate::support::{BEGIN, Node, arn, each};

/// `site` with the parts `hall` and `yard`, and `rack` in `hall`; `t1` in `site`, `t2` and `t3` in `hall`, `t4` in `rack`.
async fn tree() -> Node {
    let node = Node::with(4).await;
    for (name, parent) in [
        ("site", ""),
        ("hall", "site"),
        ("yard", "site"),
        ("rack", "hall"),
    ] {
        let mut body = json!({"thingGroupProperties": {"thingGroupDescription": name}});
        if !parent.is_empty() {
            body["parentGroupName"] = parent.into();
        }
        let made = node
            .iot("POST", &format!("/thing-groups/{name}"), &body)
            .await;
        let group =
            json!({"thingGroupName": name, "thingGroupArn": arn(&format!("thinggroup/{name}"))});
        assert_eq!(made.granted(), group);
    }
    for (thing, group) in [
        ("t1", "site"),
        ("t2", "hall"),
        ("t3", "hall"),
        ("t4", "rack"),
    ] {
        let body = json!({"thingName": thing, "thingGroupName": group});
        put(&node, "add", body).await.granted();
    }
    node
}

async fn put(node: &Node, how: &str, body: Value) -> crate::support::Reply {
    let path = match how {
        "add" => "/thing-groups/addThingToThingGroup",
        _ => "/thing-groups/removeThingFromThingGroup",
    };
    node.iot("PUT", path, body).await
}

#[tokio::test]
async fn a_group_knows_what_is_above_it() {
    let node = tree().await;
    let shown = node.iot("GET", "/thing-groups/rack", "").await.granted();
    assert_eq!(
        shown,
        json!({
            "thingGroupName": "rack",
            "thingGroupArn": arn("thinggroup/rack"),
            "thingGroupProperties": {"thingGroupDescription": "rack"},
            "thingGroupMetadata": {
                "parentGroupName": "hall",
                "rootToParentThingGroups": [
                    {"groupName": "site", "groupArn": arn("thinggroup/site")},
                    {"groupName": "hall", "groupArn": arn("thinggroup/hall")},
                ],
                "creationDate": BEGIN as f64,
            },
        })
    );
    let change = json!({"thingGroupProperties": {"thingGroupDescription": "low"}});
    node.iot("PATCH", "/thing-groups/rack", change)
        .await
        .granted();
    let shown = node.iot("GET", "/thing-groups/rack", "").await.granted();
    assert_eq!(
        shown["thingGroupProperties"]["thingGroupDescription"],
        "low"
    );
}

#[tokio::test]
async fn groups_are_listed_below_one_and_by_their_beginning() {
    let node = tree().await;
    for (query, names) in [
        ("", vec!["hall", "rack", "site", "yard"]),
        ("recursive=false&", vec!["site"]),
        ("parentGroup=site&", vec!["hall", "rack", "yard"]),
        ("parentGroup=site&recursive=false&", vec!["hall", "yard"]),
        ("parentGroup=site&namePrefixFilter=r&", vec!["rack"]),
        ("parentGroup=rack&", vec![]),
    ] {
        let all = node
            .pages(&format!("/thing-groups?{query}"), "thingGroups")
            .await;
        assert_eq!(each(&all, "groupName"), names, "{query}");
    }
    let unknown = node.iot("GET", "/thing-groups?parentGroup=none", "").await;
    assert_eq!(unknown.refused(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn things_are_in_a_group_itself_or_in_its_parts() {
    let node = tree().await;
    for (path, names) in [
        ("site/things?", vec!["t1"]),
        ("site/things?recursive=true&", vec!["t1", "t2", "t3", "t4"]),
        ("hall/things?", vec!["t2", "t3"]),
        ("rack/things?", vec!["t4"]),
        ("yard/things?", vec![]),
    ] {
        let all = node.pages(&format!("/thing-groups/{path}"), "things").await;
        assert_eq!(all, names, "{path}");
    }
    let groups = node.pages("/things/t4/thing-groups?", "thingGroups").await;
    assert_eq!(each(&groups, "groupName"), ["rack"]);
}

#[tokio::test]
async fn things_come_and_go_by_either_name() {
    let node = tree().await;
    let both = json!({
        "thingArn": arn("thing/t1"), "thingGroupArn": arn("thinggroup/yard"), "thingGroupName": "yard", "overrideDynamicGroups": true,
    });
    put(&node, "add", both).await.granted();
    let groups = node.pages("/things/t1/thing-groups?", "thingGroups").await;
    assert_eq!(each(&groups, "groupName"), ["site", "yard"]);
    let out = json!({"thingName": "t1", "thingGroupName": "yard"});
    put(&node, "remove", out).await.granted();
    assert_eq!(node.fleet.groups_of("t1").await.unwrap(), ["site"]);
    for (body, wanted) in [
        (json!({"thingName": "t1"}), (400, "InvalidRequestException")),
        (
            json!({"thingName": "t1", "thingGroupArn": arn("thing/t1")}),
            (400, "InvalidRequestException"),
        ),
        (
            json!({"thingName": "t1", "thingArn": arn("thing/t2"), "thingGroupName": "yard"}),
            (400, "InvalidRequestException"),
        ),
        (
            json!({"thingName": "t1", "thingGroupName": "none"}),
            (404, "ResourceNotFoundException"),
        ),
        (
            json!({"thingName": "none", "thingGroupName": "yard"}),
            (404, "ResourceNotFoundException"),
        ),
    ] {
        assert_eq!(
            put(&node, "add", body.clone()).await.refused(),
            wanted,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_group_goes_once_it_has_no_parts() {
    let node = tree().await;
    let kept = node.iot("DELETE", "/thing-groups/hall", "").await;
    assert_eq!(kept.refused(), (400, "InvalidRequestException"));
    for name in ["rack", "hall", "hall"] {
        let path = format!("/thing-groups/{name}");
        node.iot("DELETE", &path, "").await.granted();
    }
    let again = json!({"thingGroupProperties": {"thingGroupDescription": "yard"}, "parentGroupName": "site"});
    node.iot("POST", "/thing-groups/yard", again)
        .await
        .granted();
    for (body, wanted) in [
        (json!({}), (409, "ResourceAlreadyExistsException")),
        (json!({"tags": []}), (400, "InvalidRequestException")),
        (
            json!({"thingGroupProperties": {"attributePayload": {}}}),
            (400, "InvalidRequestException"),
        ),
        (
            json!({"parentGroupName": "none"}),
            (404, "ResourceNotFoundException"),
        ),
    ] {
        let reply = node.iot("POST", "/thing-groups/yard", &body).await;
        assert_eq!(reply.refused(), wanted, "{body}");
    }
    let version = node
        .iot("DELETE", "/thing-groups/yard?expectedVersion=1", "")
        .await;
    assert_eq!(version.refused(), (400, "InvalidRequestException"));
}
