//! Types of things.

use serde_json::json;

use crate::support::{Node, arn, each};

#[tokio::test]
async fn a_type_names_attributes_and_asks_nothing_of_them() {
    let node = Node::new().await;
    let wanted = json!({
        "thingTypeProperties": {"thingTypeDescription": "moves water", "searchableAttributes": ["site", "model"]},
    });
    let made = node
        .iot("POST", "/thing-types/pump", &wanted)
        .await
        .granted();
    assert_eq!(
        made,
        json!({"thingTypeName": "pump", "thingTypeArn": arn("thingtype/pump")})
    );
    node.iot("POST", "/thing-types/pump", &wanted)
        .await
        .granted();
    let other = node.iot("POST", "/thing-types/pump", "{}").await;
    assert_eq!(other.refused(), (409, "ResourceAlreadyExistsException"));
    let shown = node.iot("GET", "/thing-types/pump", "").await.granted();
    assert_eq!(
        shown,
        json!({
            "thingTypeName": "pump",
            "thingTypeArn": arn("thingtype/pump"),
            "thingTypeProperties": {"thingTypeDescription": "moves water", "searchableAttributes": ["model", "site"]},
            "thingTypeMetadata": {"deprecated": false},
        })
    );
    let thing =
        json!({"thingTypeName": "pump", "attributePayload": {"attributes": {"colour": "red"}}});
    node.iot("POST", "/things/t1", thing).await.granted();
    let gone = node.iot("DELETE", "/thing-types/pump", "").await;
    assert_eq!(gone.granted(), json!({}));
    let gone = node.iot("DELETE", "/thing-types/pump", "").await;
    assert_eq!(gone.refused(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn types_are_listed_in_pages() {
    let node = Node::new().await;
    for name in ["a", "b", "c"] {
        let path = format!("/thing-types/{name}");
        node.iot("POST", &path, "").await.granted();
    }
    let all = node.pages("/thing-types?", "thingTypes").await;
    assert_eq!(each(&all, "thingTypeName"), ["a", "b", "c"]);
    let one = node
        .pages("/thing-types?thingTypeName=b&", "thingTypes")
        .await;
    assert_eq!(each(&one, "thingTypeName"), ["b"]);
}

#[tokio::test]
async fn a_type_is_not_tagged_nor_deprecated() {
    let node = Node::new().await;
    for (path, body) in [
        ("/thing-types/a", json!({"tags": [{"Key": "a"}]})),
        (
            "/thing-types/a",
            json!({"thingTypeProperties": {"mqtt5Configuration": {}}}),
        ),
        ("/thing-types/a/deprecate", json!({})),
    ] {
        let reply = node.iot("POST", path, body).await;
        assert_eq!(reply.refused(), (400, "InvalidRequestException"), "{path}");
    }
}
