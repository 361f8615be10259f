//! Certificates that another authority signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use serde_json::json;
use trunkline_fleet::Holder;

use crate::support::{Asked, Node, arn};

fn says(common_name: &str) -> CertificateParams {
    let mut says = CertificateParams::default();
    says.distinguished_name = DistinguishedName::new();
    says.distinguished_name
        .push(DnType::CommonName, common_name);
    says.not_before = date_time_ymd(2026, 1, 1);
    says.not_after = date_time_ymd(2027, 1, 1);
    says
}

fn pem(der: &[u8]) -> String {
    let letters = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{letters}\n-----END CERTIFICATE-----\n")
}

#[tokio::test]
async fn a_certificate_that_was_detached_does_not_come_back_by_its_authority() {
    let node = Node::new().await;
    let mut authority = says("Team CA");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&key).unwrap();
    let issuer = Issuer::new(authority, key);
    let sign = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let certificate = says(name).signed_by(&key, &issuer).unwrap();
        certificate.der().to_vec()
    };
    let proof = pem(&sign(&node.fleet.registration_code()));
    let added = node.fleet.add_authority(&root.pem(), &proof, "acc_1").await;
    let device = sign("meter-1");
    node.fleet.introduce(&device).await.unwrap();
    let list = node
        .iot("GET", "/things/meter-1/principals", "")
        .await
        .granted();
    let certificate = list["principals"][0].as_str().unwrap();
    let id = certificate.rsplit('/').next().unwrap();
    assert_eq!(node.fleet.holder(id), Some(Holder::Thing("meter-1".into())));
    let path = format!("/certificates/{id}");
    let shown = node.iot("GET", &path, "").await.granted();
    let shown = &shown["certificateDescription"];
    assert_eq!(shown["caCertificateId"], added.unwrap().id);
    let detach = Asked::new("iot", "DELETE", "/things/meter-1/principals")
        .header("x-amzn-principal", &arn(&format!("cert/{id}")));
    node.ask(detach).await.granted();
    node.iot("DELETE", "/things/meter-1", "").await.granted();
    // It is known, and nobody's: who shows it is not made a device anew.
    assert!(node.fleet.introduce(&device).await.is_err());
    assert_eq!(node.fleet.holder(id), None);
    let thing = node.iot("GET", "/things/meter-1", "").await;
    assert_eq!(thing.refused(), (404, "ResourceNotFoundException"));
    // Forgotten it would be unknown, and introduced again.
    node.iot("PUT", &format!("{path}?newStatus=REVOKED"), "")
        .await
        .granted();
    let kept = node.iot("DELETE", &path, "").await;
    assert_eq!(kept.refused(), (406, "CertificateStateException"));
    let status = node.iot("GET", &path, "").await.granted();
    assert_eq!(status["certificateDescription"]["status"], json!("REVOKED"));
}
