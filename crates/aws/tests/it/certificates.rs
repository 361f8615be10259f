//! Certificates, and whose they are.

use serde_json::{Value, json};
use trunkline_fleet::Holder;

use crate::support::{Asked, BEGIN, Node, Reply, arn, each};

/// A request that a device made, with its own key.
const REQUEST: &str = include_str!("device.csr");

async fn make(node: &Node, active: bool) -> Value {
    let path = format!("/keys-and-certificate?setAsActive={active}");
    node.iot("POST", &path, "").await.granted()
}

async fn principals(node: &Node, method: &'static str, thing: &str, certificate: &str) -> Reply {
    let path = format!("/things/{thing}/principals");
    let asked = Asked::new("iot", method, &path).header("x-amzn-principal", certificate);
    node.ask(asked).await
}

#[tokio::test]
async fn a_certificate_has_the_rights_of_the_thing_that_it_is_attached_to() {
    let node = Node::with(1).await;
    let made = make(&node, true).await;
    let id = made["certificateId"].as_str().unwrap();
    let certificate = arn(&format!("cert/{id}"));
    assert_eq!(made["certificateArn"], certificate);
    let private = made["keyPair"]["PrivateKey"].as_str().unwrap();
    assert!(private.contains("PRIVATE KEY"));
    assert!(
        made["keyPair"]["PublicKey"]
            .as_str()
            .unwrap()
            .contains("PUBLIC KEY")
    );
    assert_eq!(node.fleet.holder(id), None);
    principals(&node, "PUT", "t1", &certificate).await.granted();
    assert_eq!(node.fleet.holder(id), Some(Holder::Thing("t1".into())));
    // Once more changes nothing.
    principals(&node, "PUT", "t1", &certificate).await.granted();
    let all = node.pages("/things/t1/principals?", "principals").await;
    assert_eq!(all, [certificate.as_str()]);
    let things =
        Asked::new("iot", "GET", "/principals/things").header("x-amzn-principal", &certificate);
    assert_eq!(node.ask(things).await.granted(), json!({"things": ["t1"]}));
    principals(&node, "DELETE", "t1", &certificate)
        .await
        .granted();
    assert_eq!(
        (node.fleet.holder(id), node.heard.ended()),
        (None, vec![id.to_owned()])
    );
    let not_its = principals(&node, "DELETE", "t1", &certificate).await;
    assert_eq!(not_its.refused(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn a_certificate_is_one_things_at_most() {
    let node = Node::with(2).await;
    let made = make(&node, true).await;
    let certificate = made["certificateArn"].as_str().unwrap();
    principals(&node, "PUT", "t1", certificate).await.granted();
    let second = principals(&node, "PUT", "t2", certificate).await;
    assert_eq!(second.refused(), (400, "InvalidRequestException"));
    let nobody = principals(&node, "PUT", "none", &arn("cert/00")).await;
    assert_eq!(nobody.refused(), (404, "ResourceNotFoundException"));
    let no_certificate = principals(&node, "PUT", "t1", &arn("thing/t1")).await;
    assert_eq!(no_certificate.refused(), (400, "InvalidRequestException"));
    let missing = node.iot("PUT", "/things/t1/principals", "").await;
    assert_eq!(missing.refused(), (400, "InvalidRequestException"));
    let id = made["certificateId"].as_str().unwrap();
    assert_eq!(node.fleet.holder(id), Some(Holder::Thing("t1".into())));
}

#[tokio::test]
async fn a_thing_has_ten_certificates_at_most() {
    let node = Node::with(1).await;
    for n in 0..11 {
        let made = make(&node, true).await;
        let certificate = made["certificateArn"].as_str().unwrap();
        let reply = principals(&node, "PUT", "t1", certificate).await;
        if n < 10 {
            reply.granted();
        } else {
            assert_eq!(reply.refused(), (400, "InvalidRequestException"));
        }
    }
}

#[tokio::test]
async fn a_certificate_is_switched_off_and_forgotten() {
    let node = Node::with(1).await;
    let body = json!({"certificateSigningRequest": REQUEST});
    let made = node
        .iot("POST", "/certificates?setAsActive=true", body)
        .await
        .granted();
    assert!(made.get("keyPair").is_none());
    let id = made["certificateId"].as_str().unwrap();
    let path = format!("/certificates/{id}");
    let shown = node.iot("GET", &path, "").await.granted();
    let shown = &shown["certificateDescription"];
    assert_eq!(
        (
            &shown["status"],
            &shown["certificatePem"],
            &shown["creationDate"]
        ),
        (
            &json!("ACTIVE"),
            &made["certificatePem"],
            &json!(BEGIN as f64)
        )
    );
    assert!(shown["validity"]["notAfter"].as_f64().unwrap() > BEGIN as f64);
    assert!(shown.get("caCertificateId").is_none());
    let certificate = made["certificateArn"].as_str().unwrap();
    principals(&node, "PUT", "t1", certificate).await.granted();
    let active = node.iot("DELETE", &path, "").await;
    assert_eq!(active.refused(), (406, "CertificateStateException"));
    let off = node
        .iot("PUT", &format!("{path}?newStatus=INACTIVE"), "")
        .await;
    assert_eq!(off.granted(), Value::Null);
    assert_eq!(
        (node.heard.ended(), node.fleet.holder(id)),
        (vec![id.to_owned()], None)
    );
    let attached = node.iot("DELETE", &path, "").await;
    assert_eq!(attached.refused(), (409, "DeleteConflictException"));
    principals(&node, "DELETE", "t1", certificate)
        .await
        .granted();
    // What belongs to nobody is switched on and off all the same.
    for status in ["ACTIVE", "INACTIVE", "REVOKED"] {
        let path = format!("{path}?newStatus={status}");
        node.iot("PUT", &path, "").await.granted();
    }
    let revoked = node
        .iot("PUT", &format!("{path}?newStatus=ACTIVE"), "")
        .await;
    assert_eq!(revoked.refused(), (406, "CertificateStateException"));
    let other = node
        .iot("PUT", &format!("{path}?newStatus=PENDING_TRANSFER"), "")
        .await;
    assert_eq!(other.refused(), (400, "InvalidRequestException"));
    node.iot("DELETE", &path, "").await.granted();
    let gone = node.iot("GET", &path, "").await;
    assert_eq!(gone.refused(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn a_certificate_that_waits_for_its_device_is_not_given_to_another() {
    let node = Node::with(1).await;
    let template = json!({
        "body": {
            "Parameters": {"Serial": {"Type": "String"}},
            "Resources": {
                "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Serial"}}},
                "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}}},
            },
        },
    });
    let template = serde_json::from_value(template).unwrap();
    node.fleet
        .put_template("line", template, "acc_1")
        .await
        .unwrap();
    let claim = node.fleet.claim("line", 30, "acc_1").await.unwrap();
    let of_claim = arn(&format!("cert/{}", claim.certificate.id));
    let reply = principals(&node, "PUT", "t1", &of_claim).await;
    assert_eq!(reply.refused(), (400, "InvalidRequestException"));
    let list = node.iot("GET", "/certificates", "").await.granted();
    assert_eq!(list["certificates"][0]["status"], "ACTIVE");
}

#[tokio::test]
async fn certificates_are_listed_by_age() {
    let node = Node::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let made = make(&node, false).await;
        ids.push(made["certificateId"].as_str().unwrap().to_owned());
        node.clock.advance_micros(1_000_000);
    }
    for ascending in [true, false] {
        let (mut all, mut marker) = (Vec::new(), String::new());
        loop {
            let (ids, next) = page(&node, ascending, &marker).await;
            assert!(ids.len() <= 2);
            all.extend(ids);
            let Some(next) = next else { break };
            marker = next;
        }
        if !ascending {
            all.reverse();
        }
        assert_eq!(all, ids);
    }
}

/// The ids of one page, and the marker of the next.
async fn page(node: &Node, ascending: bool, marker: &str) -> (Vec<String>, Option<String>) {
    let marker = marker
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let path = format!("/certificates?pageSize=2&isAscendingOrder={ascending}&marker={marker}");
    let page = node.iot("GET", &path, "").await.granted();
    let ids = each(page["certificates"].as_array().unwrap(), "certificateId");
    let ids = ids.into_iter().map(String::from).collect();
    (ids, page["nextMarker"].as_str().map(String::from))
}

#[tokio::test]
async fn a_page_goes_on_though_the_last_one_ended_at_what_is_gone() {
    let node = Node::new().await;
    // All of them are of the same moment.
    let mut ids = Vec::new();
    for _ in 0..7 {
        let made = make(&node, false).await;
        ids.push(made["certificateId"].as_str().unwrap().to_owned());
    }
    ids.sort_unstable();
    for ascending in [true, false] {
        let mut wanted = ids.clone();
        if !ascending {
            wanted.reverse();
        }
        let (mut seen, mut marker) = (Vec::new(), String::new());
        loop {
            let (all, next) = page(&node, ascending, &marker).await;
            if let (Some(_), Some(last), true) = (&next, all.last(), seen.is_empty()) {
                let path = format!("/certificates/{last}");
                node.iot("DELETE", &path, "").await.granted();
                ids.retain(|id| id != last);
            }
            seen.extend(all);
            let Some(next) = next else { break };
            marker = next;
        }
        assert_eq!(seen, wanted);
    }
    for marker in ["eA==", "eC95", "MQ=="] {
        let path = format!("/certificates?marker={}", marker.replace('=', "%3D"));
        let refused = node.iot("GET", &path, "").await;
        assert_eq!(refused.refused(), (400, "InvalidRequestException"));
    }
}

#[tokio::test]
async fn what_is_done_another_way_is_refused_with_how() {
    let node = Node::new().await;
    for (method, path, body, words) in [
        (
            "POST",
            "/policies/p",
            json!({"policyDocument": "{}"}),
            "rights of a device follow the thing",
        ),
        (
            "PUT",
            "/target-policies/p",
            json!({"target": "x"}),
            "rights of a device follow the thing",
        ),
        (
            "PUT",
            "/principal-policies/p",
            json!({}),
            "rights of a device follow the thing",
        ),
        (
            "POST",
            "/certificate/register",
            json!({"certificatePem": "x"}),
            "register the authority",
        ),
        (
            "POST",
            "/certificate/register-no-ca",
            json!({"certificatePem": "x"}),
            "register the authority",
        ),
    ] {
        let reply = node.iot(method, path, &body).await;
        assert_eq!(reply.refused(), (400, "InvalidRequestException"), "{path}");
        let message = reply.body["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
    for (method, path) in [
        ("GET", "/policies"),
        ("POST", "/attached-policies/arn%3Aaws%3Ax%2Fy"),
    ] {
        let none = node.iot(method, path, "").await.granted();
        assert_eq!(none, json!({"policies": []}));
    }
    let broken = json!({"certificateSigningRequest": "x"});
    let broken = node.iot("POST", "/certificates", broken).await;
    assert_eq!(broken.refused(), (400, "InvalidRequestException"));
    let missing = node.iot("POST", "/certificates", "").await;
    assert_eq!(missing.refused(), (400, "InvalidRequestException"));
}
