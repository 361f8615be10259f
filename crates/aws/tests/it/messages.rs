//! Messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use trunkline_aws::{Outgoing, Properties};

use crate::keys::{OWNER, READER, WRITER};
use crate::support::{Asked, BEGIN, Node};

#[tokio::test]
async fn a_message_is_published_in_the_name_of_who_signed() {
    let node = Node::new().await;
    node.data("POST", "/topics/dt%2Fpump-7%2Fa", "hello")
        .await
        .granted();
    let message = Outgoing {
        topic: "dt/pump-7/a".into(),
        payload: b"hello".to_vec(),
        ..Outgoing::default()
    };
    assert_eq!(node.broker.take(), [("tok_owner".to_owned(), message)]);
    let user = STANDARD.encode(r#"[{"a": "b"}, {"a": "c"}]"#);
    let path = "/topics/dt/pump-7?qos=1&retain=true&contentType=text%2Fplain&responseTopic=r%2Fs&messageExpiry=60";
    let asked = Asked::new("iotdata", "POST", path)
        .header("x-amz-mqtt5-user-properties", &user)
        .header("x-amz-mqtt5-payload-format-indicator", "UTF8_DATA")
        .header("x-amz-mqtt5-correlation-data", &STANDARD.encode([0, 255]))
        .body("hello");
    node.ask(asked).await.granted();
    let text = STANDARD.encode(json!(r#"[{"d": "e"}]"#).to_string());
    let as_text =
        Asked::new("iotdata", "POST", "/topics/a").header("x-amz-mqtt5-user-properties", &text);
    node.ask(as_text).await.granted();
    let all = node.broker.take();
    assert_eq!(all[1].1.properties.user, [("d".to_owned(), "e".to_owned())]);
    let message = &all[0].1;
    assert!(message.at_least_once && message.retain && message.topic == "dt/pump-7");
    assert_eq!(
        message.properties,
        Properties {
            utf8: true,
            content_type: Some("text/plain".into()),
            response_topic: Some("r/s".into()),
            correlation: Some(vec![0, 255]),
            expiry: Some(60),
            user: vec![("a".into(), "b".into()), ("a".into(), "c".into())],
        }
    );
}

#[tokio::test]
async fn what_is_kept_is_shown_and_listed() {
    let node = Node::new().await;
    for topic in ["a", "b%2Fc", "d"] {
        let path = format!("/topics/{topic}?qos=1&retain=true");
        node.data("POST", &path, "hello").await.granted();
    }
    let kept = node
        .data("GET", "/retainedMessage/b%2Fc", "")
        .await
        .granted();
    assert_eq!(
        kept,
        json!({"topic": "b/c", "payload": STANDARD.encode("hello"), "qos": 1, "lastModifiedTime": BEGIN * 1_000})
    );
    let first = node
        .data("GET", "/retainedMessage?maxResults=2", "")
        .await
        .granted();
    let entry =
        json!({"topic": "a", "payloadSize": 5, "qos": 1, "lastModifiedTime": BEGIN * 1_000});
    assert_eq!(
        (
            &first["retainedTopics"][0],
            first["retainedTopics"].as_array().unwrap().len()
        ),
        (&entry, 2)
    );
    let token = first["nextToken"].as_str().unwrap().replace('=', "%3D");
    let path = format!("/retainedMessage?maxResults=2&nextToken={token}");
    let rest = node.data("GET", &path, "");
    let rest = rest.await.granted();
    assert_eq!(
        (&rest["retainedTopics"][0]["topic"], rest.get("nextToken")),
        (&json!("d"), None)
    );
    node.data("POST", "/topics/d?retain=true", "")
        .await
        .granted();
    let gone = node.data("GET", "/retainedMessage/d", "").await;
    assert_eq!(gone.refused(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn what_cannot_be_published_is_refused() {
    let node = Node::new().await;
    let invalid = (400, "InvalidRequestException");
    let long = format!("/topics/{}", "a".repeat(257));
    for (path, wanted) in [
        ("/topics/a%2F%23", invalid),
        ("/topics/a%2B", invalid),
        ("/topics/%00", invalid),
        (long.as_str(), invalid),
        ("/topics/a?qos=2", invalid),
        ("/topics/a?qos=x", invalid),
        ("/topics/a?retain=yes", invalid),
        ("/topics/a?messageExpiry=4294967296", invalid),
        ("/topics/a?responseTopic=b%2F%23", invalid),
        ("/topics/a?responseTopic=b%2F%2B%2Fc", invalid),
        ("/topics/a?responseTopic=b%00", invalid),
        ("/topics/a?contentType=b%00", invalid),
        ("/topics/$SYS%2Fa", invalid),
        ("/topics/%24a", invalid),
        ("/topics/bad", invalid),
        ("/topics/down", (503, "ServiceUnavailableException")),
        ("/topics/a/../b", (404, "UnknownOperationException")),
    ] {
        let reply = node.data("POST", path, "x").await;
        assert_eq!(reply.refused(), wanted, "{path}");
        assert!(!reply.body["message"].as_str().unwrap().contains("disk 7"));
    }
    let large = "x".repeat(128 * 1024 + 1);
    let large = node.data("POST", "/topics/a", large).await;
    assert_eq!(large.refused(), (413, "RequestEntityTooLargeException"));
    for (name, value) in [
        ("x-amz-mqtt5-user-properties", "%"),
        ("x-amz-mqtt5-user-properties", "e30="),
        ("x-amz-mqtt5-user-properties", "W3siYSI6MX1d"),
        (
            "x-amz-mqtt5-user-properties",
            &STANDARD.encode(r#"[{"a": "\u0000"}]"#),
        ),
        ("x-amz-mqtt5-payload-format-indicator", "UTF8"),
        ("x-amz-mqtt5-correlation-data", "a"),
    ] {
        let asked = Asked::new("iotdata", "POST", "/topics/a").header(name, value);
        assert_eq!(node.ask(asked).await.refused(), invalid, "{name} {value}");
    }
    assert!(node.broker.take().is_empty());
}

#[tokio::test]
async fn a_payload_is_the_text_that_it_is_said_to_be() {
    let node = Node::new().await;
    let ask = async |format: &str, payload: &[u8]| {
        let mut asked = Asked::new("iotdata", "POST", "/topics/a")
            .header("x-amz-mqtt5-payload-format-indicator", format);
        asked.body = payload.to_vec();
        node.ask(asked).await
    };
    let refused = ask("UTF8_DATA", b"\xff").await;
    assert_eq!(refused.refused(), (400, "InvalidRequestException"));
    assert!(node.broker.take().is_empty());
    ask("UNSPECIFIED_BYTES", b"\xff").await.granted();
    ask("UTF8_DATA", "\u{e9}".as_bytes()).await.granted();
    ask("UTF8_DATA", b"").await.granted();
    let texts = node.broker.take();
    let texts: Vec<bool> = texts.iter().map(|(_, one)| one.properties.utf8).collect();
    assert_eq!(texts, [false, true, true]);
}

#[tokio::test]
async fn a_message_needs_the_right_for_what_it_does_to_a_thing() {
    let node = Node::new().await;
    let ask = async |topic: &str, key| {
        let path = format!("/topics/{}", topic.replace('/', "%2F"));
        node.ask(Asked::new("iotdata", "POST", &path).by(key)).await
    };
    let refused = (403, "ForbiddenException");
    // A program that writes changes twins, and neither things nor what they are told to do.
    for topic in [
        "$aws/things/t1/jobs/start-next",
        "$aws/things/t1/jobs/j/update",
        "$aws/certificates/create/json",
        "$aws/events/presence/connected/t1",
        "cmd/t1/reboot/req/1",
    ] {
        let reply = ask(topic, WRITER).await;
        assert_eq!(reply.refused(), refused, "{topic}");
    }
    let open = [
        "dt/t1/a",
        "$aws/rules/pump/t1/a",
        "$aws/things/t1/shadow/update",
        "$aws/things/t1/jobs/get",
    ];
    for topic in open {
        ask(topic, WRITER).await.granted();
    }
    assert_eq!(node.broker.take().len(), open.len());
    // Nobody may do anything to this thing, an owner neither.
    for topic in [
        "$aws/things/locked/shadow/get",
        "$aws/things/locked/shadow/update",
        "$aws/things/locked/shadow/name/net/delete",
        "$aws/things/locked/jobs/get",
        "$aws/things/locked/jobs/j/update",
        "cmd/locked/reboot/req/1",
    ] {
        let reply = ask(topic, OWNER).await;
        assert_eq!(reply.refused(), refused, "{topic}");
    }
    // Each is a message all the same.
    let reply = ask("$aws/things/t1/shadow/get", READER).await;
    assert_eq!(reply.refused(), refused);
    assert!(node.broker.take().is_empty());
}
