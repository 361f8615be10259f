//! Who signed, and what they may do.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use http_body_util::{BodyExt as _, Empty};
use serde_json::json;

use crate::keys::{OWNER, READER};
use crate::support::{Asked, Node, arn};

fn thing() -> Asked {
    Asked::new("iot", "GET", "/things/t1")
}

#[tokio::test]
async fn nobody_is_let_in_without_a_key() {
    let node = Node::with(1).await;
    let unsigned = node.send(thing()).await;
    assert_eq!(
        unsigned.refused(),
        (403, "MissingAuthenticationTokenException")
    );
    let token = node
        .send(thing().header("authorization", "Bearer tl_abc"))
        .await;
    assert_ne!(token.status, 200);
    let unknown = node
        .ask(thing().by(("NOBODY00000000000001", OWNER.1)))
        .await;
    assert_eq!(unknown.refused(), (403, "UnrecognizedClientException"));
    let limited = node
        .ask(thing().by(("LIMITED0000000000001", OWNER.1)))
        .await;
    assert_eq!(limited.refused(), (400, "ThrottlingException"));
    let broken = node
        .ask(thing().by(("BROKEN00000000000001", OWNER.1)))
        .await;
    assert_eq!(broken.refused(), (503, "ServiceUnavailableException"));
    assert!(!broken.body["message"].as_str().unwrap().contains("disk 7"));
    for path in ["/aws", "/aws/"] {
        let mut asked = thing();
        asked.path = path.into();
        assert_eq!(
            node.ask(asked.clone()).await.refused(),
            (404, "UnknownOperationException")
        );
        assert_eq!(node.send(asked).await.status, 403);
    }
}

#[tokio::test]
async fn a_wrong_secret_is_not_told_from_a_changed_request() {
    let node = Node::with(1).await;
    let invalid = (403, "InvalidSignatureException");
    let wrong = node.ask(thing().by((OWNER.0, READER.1))).await;
    assert_eq!(wrong.refused(), invalid);
    for secret in [OWNER.1, READER.1] {
        assert!(!wrong.body["message"].as_str().unwrap().contains(secret));
    }
    let mut path = thing().signed(node.now());
    path.path = "/aws/things/t2".into();
    assert_eq!(node.send(path).await.refused(), invalid);
    let mut method = thing().signed(node.now());
    method.method = "DELETE";
    assert_eq!(node.send(method).await.refused(), invalid);
    let mut query = Asked::new("iot", "GET", "/things?maxResults=1").signed(node.now());
    query.path = "/aws/things?maxResults=2".into();
    assert_eq!(node.send(query).await.refused(), invalid);
    node.iot("GET", "/things/t1", "").await.granted();
}

#[tokio::test]
async fn a_body_that_was_changed_is_refused() {
    let node = Node::new().await;
    let mut asked = Asked::new("iotdata", "POST", "/topics/a")
        .body("on")
        .signed(node.now());
    asked.body = b"off".to_vec();
    let reply = node.send(asked).await;
    assert_eq!(reply.refused(), (400, "XAmzContentSHA256Mismatch"));
    let mut open = Asked::new("iotdata", "POST", "/topics/a")
        .body("on")
        .signed(node.now());
    let told = open
        .headers
        .iter_mut()
        .find(|(name, _)| name == "x-amz-content-sha256");
    told.unwrap().1 = "UNSIGNED-PAYLOAD".into();
    let reply = node.send(open).await;
    assert_eq!(reply.refused(), (403, "InvalidSignatureException"));
    assert!(node.broker.take().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_named() {
    let node = Node::with(1).await;
    let minute = 60_000_000;
    for minutes in [-6, 6] {
        let asked = thing().signed(node.now().plus_micros(minutes * minute));
        let reply = node.send(asked).await;
        assert_eq!(reply.refused(), (403, "InvalidSignatureException"));
        assert!(reply.body["message"].as_str().unwrap().contains("clock"));
    }
    for minutes in [-4, 4] {
        let asked = thing().signed(node.now().plus_micros(minutes * minute));
        node.send(asked).await.granted();
    }
}

#[tokio::test]
async fn an_address_can_be_signed_beforehand() {
    let node = Node::with(2).await;
    let asked = Asked::new("iot", "GET", "/things?maxResults=1").presigned(60, node.now());
    let list = node.send(asked.clone()).await.granted();
    assert_eq!(list["things"][0]["thingName"], "t1");
    assert!(list["nextToken"].is_string());
    node.clock.advance_micros(61_000_000);
    assert_eq!(node.send(asked).await.refused(), (400, "RequestExpired"));
}

#[tokio::test]
async fn a_signature_is_for_one_service() {
    let node = Node::with(1).await;
    for (service, path) in [
        ("iot", "/things/t1/shadow"),
        ("iotdata", "/things/t1"),
        ("iot-jobs-data", "/topics/a"),
    ] {
        let reply = node.ask(Asked::new(service, "POST", path).body("{}")).await;
        assert!(matches!(reply.refused().0, 404 | 405), "{service} {path}");
    }
    let other = node.ask(Asked::new("s3", "GET", "/things/t1")).await;
    assert_eq!(other.refused(), (403, "InvalidSignatureException"));
    let state = json!({"state": {}});
    let gateway = Asked::new("iotdevicegateway", "POST", "/things/t1/shadow").body(state);
    node.ask(gateway).await.granted();
}

#[tokio::test]
async fn a_header_that_is_not_signed_says_nothing() {
    let node = Node::with(1).await;
    let made = node
        .iot("POST", "/keys-and-certificate", "")
        .await
        .granted();
    let principal = made["certificateArn"].as_str().unwrap();
    let asked = Asked::new("iot", "PUT", "/things/t1/principals").signed(node.now());
    let reply = node.send(asked.header("x-amzn-principal", principal)).await;
    assert_eq!(reply.refused(), (400, "InvalidRequestException"));
}

#[tokio::test]
async fn who_may_only_read_changes_nothing() {
    let node = Node::with(1).await;
    let job = json!({"targets": [arn("thing/t1")], "document": "{}"});
    let state = json!({"state": {"desired": {"a": 1}}});
    node.data("POST", "/things/t1/shadow", &state)
        .await
        .granted();
    for (service, method, path, body, name) in [
        (
            "iot",
            "POST",
            "/things/t2",
            json!({}),
            "UnauthorizedException",
        ),
        (
            "iot",
            "DELETE",
            "/things/t1",
            json!({}),
            "UnauthorizedException",
        ),
        (
            "iot",
            "POST",
            "/keys-and-certificate",
            json!({}),
            "UnauthorizedException",
        ),
        ("iot", "PUT", "/jobs/a", job, "UnauthorizedException"),
        (
            "iotdata",
            "POST",
            "/things/t1/shadow",
            state,
            "ForbiddenException",
        ),
        (
            "iotdata",
            "DELETE",
            "/things/t1/shadow",
            json!({}),
            "ForbiddenException",
        ),
        (
            "iotdata",
            "POST",
            "/topics/a",
            json!({}),
            "ForbiddenException",
        ),
        (
            "iot-jobs-data",
            "PUT",
            "/things/t1/jobs/$next",
            json!({}),
            "AccessDeniedException",
        ),
    ] {
        let asked = Asked::new(service, method, path).body(body).by(READER);
        let reply = node.ask(asked).await;
        assert_eq!(reply.refused().1, name, "{service} {path}");
    }
    for (service, path) in [
        ("iot", "/things"),
        ("iot", "/jobs"),
        ("iotdata", "/things/t1/shadow"),
        ("iotdata", "/retainedMessage"),
        ("iot-jobs-data", "/things/t1/jobs"),
    ] {
        let asked = Asked::new(service, "GET", path).by(READER);
        node.ask(asked).await.granted();
    }
    assert!(node.broker.take().is_empty());
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let node = Node::new().await;
    let large = "x".repeat(64 * 1024 + 1);
    let reply = node.iot("POST", "/things/a", large).await;
    assert_eq!(reply.refused(), (413, "RequestEntityTooLargeException"));
}

/// A body that never ends, and whether somebody has begun to read it.
fn endless() -> (Body, Arc<AtomicBool>) {
    let begun = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&begun);
    let end = async move {
        seen.store(true, Ordering::Relaxed);
        std::future::pending::<Option<Result<HeaderMap, Infallible>>>().await
    };
    (Body::new(Empty::<Bytes>::new().with_trailers(end)), begun)
}

#[tokio::test]
async fn the_body_of_a_stranger_is_not_read() {
    let node = Node::new().await;
    let publish = || Asked::new("iotdata", "POST", "/topics/a");
    let hour = 3_600_000_000;
    for (asked, wanted) in [
        (publish(), "MissingAuthenticationTokenException"),
        (
            publish()
                .by(("NOBODY00000000000001", OWNER.1))
                .signed(node.now()),
            "UnrecognizedClientException",
        ),
        (
            publish()
                .by(("LIMITED0000000000001", OWNER.1))
                .signed(node.now()),
            "ThrottlingException",
        ),
        (
            publish().by((OWNER.0, READER.1)).signed(node.now()),
            "InvalidSignatureException",
        ),
        (
            publish().signed(node.now().plus_micros(-hour)),
            "InvalidSignatureException",
        ),
        (
            publish().presigned(60, node.now().plus_micros(-hour)),
            "RequestExpired",
        ),
    ] {
        let (body, begun) = endless();
        let reply = node.send_with(asked, body).await;
        assert_eq!(reply.refused().1, wanted);
        assert!(!begun.load(Ordering::Relaxed), "{wanted}");
    }
}

#[tokio::test]
async fn only_another_signature_is_a_false_claim() {
    let node = Node::with(1).await;
    node.keys.take();
    let none = Vec::<String>::new();
    node.ask(thing()).await.granted();
    assert_eq!(node.keys.take(), (none.clone(), vec![OWNER.0.to_owned()]));
    // What is refused for another reason was signed with the key all the same.
    let forbidden = Asked::new("iot", "DELETE", "/things/t1").by(READER);
    assert_eq!(node.ask(forbidden).await.status, 401);
    assert_eq!(node.keys.take(), (none.clone(), vec![READER.0.to_owned()]));
    let wrong = (vec![OWNER.0.to_owned()], none.clone());
    node.ask(thing().by((OWNER.0, READER.1))).await;
    assert_eq!(node.keys.take(), wrong);
    // This one does not tell the hash of its body.
    let address = thing().by((OWNER.0, READER.1)).presigned(60, node.now());
    assert_eq!(
        node.send(address).await.refused(),
        (403, "InvalidSignatureException")
    );
    assert_eq!(node.keys.take(), wrong);
    let late = thing().signed(node.now().plus_micros(-3_600_000_000));
    node.send(late).await;
    let mut changed = Asked::new("iotdata", "POST", "/topics/a").signed(node.now());
    changed.body = b"off".to_vec();
    node.send(changed).await;
    assert_eq!(node.keys.take(), (none.clone(), none));
}

#[tokio::test]
async fn a_session_token_is_refused_since_keys_have_none() {
    let node = Node::with(1).await;
    let header = thing()
        .signed(node.now())
        .header("x-amz-security-token", "t");
    let mut query = thing().signed(node.now());
    query.path += "?X-Amz-Security-Token=t";
    // Devices add it to a signed address, where the signature does not hold it.
    let mut gateway = Asked::new("iotdevicegateway", "GET", "/things/t1/shadow");
    gateway = gateway.presigned(60, node.now());
    gateway.path += "&X-Amz-Security-Token=t";
    for asked in [header, query, gateway] {
        let reply = node.send(asked).await;
        assert_eq!(reply.refused(), (403, "UnrecognizedClientException"));
        let message = reply.body["message"].as_str().unwrap();
        assert!(message.contains("session token"), "{message}");
    }
}
