//! Things.

use serde_json::{Value, json};

use crate::support::{Asked, Node, arn, each};

#[tokio::test]
async fn a_thing_lives_and_goes() {
    let node = Node::new().await;
    let wanted = json!({"attributePayload": {"attributes": {"site": "oslo", "model": "m1"}}});
    let made = node.iot("POST", "/things/pump-7", &wanted).await.granted();
    assert_eq!(
        made,
        json!({"thingName": "pump-7", "thingArn": arn("thing/pump-7")})
    );
    // The same again is granted, another of the same name is not.
    node.iot("POST", "/things/pump-7", &wanted).await.granted();
    let other = node.iot("POST", "/things/pump-7", "{}").await;
    assert_eq!(other.refused(), (409, "ResourceAlreadyExistsException"));
    let shown = node.iot("GET", "/things/pump-7", "").await.granted();
    assert_eq!(
        shown,
        json!({
            "thingName": "pump-7", "thingArn": arn("thing/pump-7"), "defaultClientId": "pump-7",
            "attributes": {"site": "oslo", "model": "m1"},
        })
    );
    node.iot("DELETE", "/things/pump-7", "").await.granted();
    assert_eq!(node.heard.ended(), ["pump-7"]);
    let gone = node.iot("GET", "/things/pump-7", "").await;
    assert_eq!(gone.refused(), (404, "ResourceNotFoundException"));
    // As AWS has it, to delete what is not there is no mistake.
    node.iot("DELETE", "/things/pump-7", "").await.granted();
}

#[tokio::test]
async fn attributes_are_replaced_or_united() {
    let node = Node::with(1).await;
    node.iot("POST", "/thing-types/pump", "").await.granted();
    let update = async |payload: Value| {
        let body = json!({"attributePayload": payload});
        node.iot("PATCH", "/things/t1", body).await.granted();
        node.iot("GET", "/things/t1", "").await.granted()["attributes"].clone()
    };
    let first = update(json!({"attributes": {"a": "1", "b": "2"}})).await;
    assert_eq!(first, json!({"a": "1", "b": "2"}));
    let united = update(json!({"attributes": {"b": "3", "c": "4"}, "merge": true})).await;
    assert_eq!(united, json!({"a": "1", "b": "3", "c": "4"}));
    let emptied = update(json!({"attributes": {"b": ""}, "merge": true})).await;
    assert_eq!(emptied, json!({"a": "1", "c": "4"}));
    let replaced = update(json!({"attributes": {"d": "5"}})).await;
    assert_eq!(replaced, json!({"d": "5"}));
    let kind = json!({"thingTypeName": "pump"});
    node.iot("PATCH", "/things/t1", kind).await.granted();
    let shown = node.iot("GET", "/things/t1", "").await.granted();
    assert_eq!(
        (&shown["thingTypeName"], &shown["attributes"]),
        (&json!("pump"), &json!({"d": "5"}))
    );
    let none = json!({"removeThingType": true});
    node.iot("PATCH", "/things/t1", none).await.granted();
    let shown = node.iot("GET", "/things/t1", "").await.granted();
    assert!(shown.get("thingTypeName").is_none());
}

#[tokio::test]
async fn what_the_platform_wrote_itself_stays() {
    let node = Node::with(1).await;
    let change = serde_json::from_value(
        json!({"attributes": {"provisionedBy": "line-1", "n": 7, "x": "y"}}),
    );
    node.fleet
        .change("t1", change.unwrap(), "acc_1")
        .await
        .unwrap();
    let body = json!({"attributePayload": {"attributes": {"z": "1"}}});
    node.iot("PATCH", "/things/t1", body).await.granted();
    let thing = node.fleet.thing("t1").await.unwrap();
    let attributes = Value::Object(thing.attributes);
    assert_eq!(attributes, json!({"provisionedBy": "line-1", "z": "1"}));
}

#[tokio::test]
async fn things_are_listed_in_pages_and_by_what_they_are() {
    let node = Node::new().await;
    node.iot("POST", "/thing-types/pump", "").await.granted();
    for (name, kind, site) in [
        ("a", "pump", "oslo"),
        ("b", "pump", "bergen"),
        ("c", "", "oslo-2"),
        ("d", "pump", "oslo"),
        ("e", "", ""),
    ] {
        let mut body = json!({});
        if !kind.is_empty() {
            body["thingTypeName"] = kind.into();
        }
        if !site.is_empty() {
            body["attributePayload"] = json!({"attributes": {"site": site}});
        }
        node.iot("POST", &format!("/things/{name}"), body)
            .await
            .granted();
    }
    // An attribute that is no text is shown as one.
    let number = serde_json::from_value(json!({"attributes": {"n": 7}})).unwrap();
    node.fleet.change("e", number, "acc_1").await.unwrap();
    for (query, names) in [
        ("", "abcde"),
        ("thingTypeName=pump&", "abd"),
        ("attributeName=site&", "abcd"),
        ("attributeName=site&attributeValue=oslo&", "ad"),
        (
            "attributeName=site&attributeValue=oslo&thingTypeName=pump&",
            "ad",
        ),
        (
            "attributeName=site&attributeValue=oslo&usePrefixAttributeValue=true&",
            "acd",
        ),
        ("attributeName=n&attributeValue=7&", "e"),
        ("thingTypeName=none&", ""),
    ] {
        let all = node.pages(&format!("/things?{query}"), "things").await;
        assert_eq!(each(&all, "thingName").concat(), names, "{query}");
    }
    let all = node
        .iot("GET", "/things?maxResults=250", "")
        .await
        .granted();
    assert_eq!(all["things"][4]["attributes"], json!({"n": "7"}));
    assert!(all.get("nextToken").is_none());
}

#[tokio::test]
async fn what_there_is_none_of_is_refused() {
    let node = Node::with(1).await;
    let invalid = (400, "InvalidRequestException");
    for (method, path, body, wanted) in [
        (
            "POST",
            "/things/a",
            json!({"billingGroupName": "b"}),
            invalid,
        ),
        (
            "POST",
            "/things/a",
            json!({"thingTypeName": "none"}),
            (404, "ResourceNotFoundException"),
        ),
        (
            "POST",
            "/things/a",
            json!({"attributePayload": {"attributes": {"n": 1}}}),
            invalid,
        ),
        ("POST", "/things/a%20b", json!({}), invalid),
        ("POST", "/things/a", json!([]), invalid),
        (
            "PATCH",
            "/things/t1",
            json!({"expectedVersion": 1}),
            invalid,
        ),
        (
            "PATCH",
            "/things/t1",
            json!({"thingTypeName": "x", "removeThingType": true}),
            invalid,
        ),
        (
            "PATCH",
            "/things/none",
            json!({}),
            (404, "ResourceNotFoundException"),
        ),
        ("DELETE", "/things/t1?expectedVersion=1", json!(""), invalid),
        ("GET", "/things?maxResults=0", json!(""), invalid),
        ("GET", "/things?maxResults=251", json!(""), invalid),
        ("GET", "/things?nextToken=%25", json!(""), invalid),
        ("GET", "/things?attributeValue=x", json!(""), invalid),
        ("GET", "/things?order=name", json!(""), invalid),
        ("GET", "/things?a=%ff", json!(""), invalid),
        (
            "GET",
            "/thing",
            json!(""),
            (404, "UnknownOperationException"),
        ),
        (
            "POST",
            "/indices/search",
            json!({}),
            (404, "UnknownOperationException"),
        ),
        (
            "PUT",
            "/things/t1",
            json!({}),
            (404, "UnknownOperationException"),
        ),
    ] {
        let reply = node.iot(method, path, &body).await;
        assert_eq!(reply.refused(), wanted, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn the_endpoint_is_what_was_configured() {
    let node = Node::new().await;
    for query in ["", "?endpointType=iot:Data-ATS", "?endpointType=iot%3AJobs"] {
        let answer = node.iot("GET", &format!("/endpoint{query}"), "").await;
        assert_eq!(
            answer.granted(),
            json!({"endpointAddress": "trunkline.example"})
        );
    }
    let other = node.iot("GET", "/endpoint?endpointType=iot:CredentialProvider", "");
    assert_eq!(other.await.refused(), (400, "InvalidRequestException"));
}

#[tokio::test]
async fn a_thing_stays_while_certificates_are_attached() {
    let node = Node::with(1).await;
    let made = node
        .iot("POST", "/keys-and-certificate?setAsActive=true", "")
        .await
        .granted();
    let principal = made["certificateArn"].as_str().unwrap();
    let attach = |method| {
        Asked::new("iot", method, "/things/t1/principals").header("x-amzn-principal", principal)
    };
    node.ask(attach("PUT")).await.granted();
    let kept = node.iot("DELETE", "/things/t1", "").await;
    assert_eq!(kept.refused(), (400, "InvalidRequestException"));
    node.ask(attach("DELETE")).await.granted();
    node.iot("DELETE", "/things/t1", "").await.granted();
}
