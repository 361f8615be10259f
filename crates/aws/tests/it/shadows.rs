//! Shadows.

use serde_json::json;

use crate::support::Node;

const SHADOW: &str = "/things/t1/shadow";

#[tokio::test]
async fn a_shadow_lives_over_http_and_is_heard_of_over_mqtt() {
    let node = Node::with(1).await;
    let none = node.data("GET", SHADOW, "").await;
    assert_eq!(none.refused(), (404, "ResourceNotFoundException"));
    let wanted = json!({"state": {"desired": {"on": true, "level": 3}, "reported": {"on": false}}, "clientToken": "t"});
    let accepted = node.data("POST", SHADOW, &wanted).await.granted();
    assert_eq!(
        (&accepted["version"], &accepted["clientToken"]),
        (&json!(1), &json!("t"))
    );
    let prefix = "$aws/things/t1/shadow/update";
    let told = ["accepted", "delta", "documents"].map(|what| format!("{prefix}/{what}"));
    assert_eq!(node.heard.topics(), told);
    let nothing = json!({"state": {"desired": {"level": null}}});
    node.data("POST", SHADOW, nothing).await.granted();
    let shown = node.data("GET", SHADOW, "").await.granted();
    assert_eq!(
        shown["state"],
        json!({"desired": {"on": true}, "reported": {"on": false}, "delta": {"on": true}})
    );
    node.heard.topics();
    let old = json!({"state": {"desired": {"on": false}}, "version": 1});
    let old = node.data("POST", SHADOW, old).await;
    assert_eq!(old.refused(), (409, "ConflictException"));
    assert_eq!(old.body["message"], "Version conflict");
    // Who is refused over HTTP is not refused over MQTT too.
    assert!(node.heard.topics().is_empty());
    let gone = node.data("DELETE", SHADOW, "").await.granted();
    assert_eq!(gone["version"], 2);
    assert_eq!(
        node.heard.topics(),
        ["$aws/things/t1/shadow/delete/accepted"]
    );
    let gone = node.data("DELETE", SHADOW, "").await;
    assert_eq!(gone.refused(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn shadows_with_names_are_listed() {
    let node = Node::with(1).await;
    let state = json!({"state": {"reported": {"a": 1}}});
    node.data("POST", SHADOW, &state).await.granted();
    for name in ["net", "power", "gps"] {
        let path = format!("{SHADOW}?name={name}");
        node.data("POST", &path, &state).await.granted();
    }
    let list = "/api/things/shadow/ListNamedShadowsForThing/t1";
    let first = node
        .data("GET", &format!("{list}?pageSize=2"), "")
        .await
        .granted();
    assert_eq!(first["results"], json!(["gps", "net"]));
    let token = first["nextToken"].as_str().unwrap().replace('=', "%3D");
    let path = format!("{list}?pageSize=2&nextToken={token}");
    let rest = node.data("GET", &path, "");
    let rest = rest.await.granted();
    assert_eq!(
        (&rest["results"], rest.get("nextToken")),
        (&json!(["power"]), None)
    );
    let unknown = node.data(
        "GET",
        "/api/things/shadow/ListNamedShadowsForThing/none",
        "",
    );
    assert_eq!(unknown.await.refused(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn broken_shadows_are_refused_in_the_words_of_aws() {
    let node = Node::with(1).await;
    let invalid = (400, "InvalidRequestException");
    let large = json!({"state": {"desired": {"a": "x".repeat(9_000)}}}).to_string();
    let larger = json!({"state": {"desired": {"a": "x".repeat(140_000)}}}).to_string();
    for (path, body, wanted) in [
        (SHADOW, "{".to_owned(), invalid),
        (SHADOW, json!({}).to_string(), invalid),
        (
            SHADOW,
            json!({"state": {"desired": [null]}}).to_string(),
            invalid,
        ),
        (SHADOW, large, (413, "RequestEntityTooLargeException")),
        (SHADOW, larger, (413, "RequestEntityTooLargeException")),
        (
            "/things/none/shadow",
            json!({"state": {}}).to_string(),
            (404, "ResourceNotFoundException"),
        ),
        (
            "/things/a%20b/shadow",
            json!({"state": {}}).to_string(),
            invalid,
        ),
        (
            "/things/t1/shadow?name=a%2Fb",
            json!({"state": {}}).to_string(),
            invalid,
        ),
        (
            "/things/t1/shadow?version=1",
            json!({"state": {}}).to_string(),
            invalid,
        ),
    ] {
        let reply = node.data("POST", path, body).await;
        assert_eq!(reply.refused(), wanted, "{path}");
    }
    let method = node.data("PUT", SHADOW, "{}").await;
    assert_eq!(method.refused(), (405, "MethodNotAllowedException"));
}
