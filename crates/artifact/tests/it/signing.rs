//! Signatures, as openssl sees them.

use std::path::Path;
use std::process::Command;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trunkline_model::{SeededIds, Timestamp};

use crate::support::{BEGIN, Node, content, image};

/// What openssl says, with whether it is content.
fn openssl(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let out = Command::new("openssl")
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = [out.stdout, out.stderr].concat();
    (
        out.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// Writes down what a device has: the image, its signature, the signer's chain, and the root.
async fn download(node: &Node, folder: &Path, signature: &str) {
    let image = node.get(&content("pump@1")).await;
    assert_eq!(image.status, StatusCode::OK);
    let chain = node.get("/v1/artifact-signer").await;
    assert_eq!(
        chain.header("content-type"),
        "application/pem-certificate-chain"
    );
    std::fs::write(folder.join("image.bin"), image.body).unwrap();
    std::fs::write(
        folder.join("image.sig"),
        STANDARD.decode(signature).unwrap(),
    )
    .unwrap();
    std::fs::write(folder.join("chain.pem"), chain.body).unwrap();
    std::fs::write(folder.join("root.pem"), node.authority.root_pem()).unwrap();
}

const VERIFY: [&str; 7] = [
    "dgst",
    "-sha256",
    "-verify",
    "key.pem",
    "-signature",
    "image.sig",
    "image.bin",
];

#[tokio::test]
async fn openssl_verifies_what_was_downloaded_and_who_signed_it() {
    let node = Node::new().await;
    let made = node.add("pump@1", &image(100_000)).await;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    download(&node, folder, made["signature"].as_str().unwrap()).await;
    let time = (BEGIN + 60).to_string();
    let chain = [
        "verify",
        "-attime",
        &time,
        "-CAfile",
        "root.pem",
        "-untrusted",
        "chain.pem",
        "chain.pem",
    ];
    assert_eq!(openssl(folder, &chain), (true, "chain.pem: OK\n".into()));
    let says = openssl(
        folder,
        &[
            "x509",
            "-in",
            "chain.pem",
            "-noout",
            "-subject",
            "-ext",
            "extendedKeyUsage,keyUsage,basicConstraints",
        ],
    );
    for part in [
        "CN = artifact signer",
        "Code Signing",
        "Digital Signature",
        "CA:FALSE",
    ] {
        assert!(says.1.contains(part), "{part}: {}", says.1);
    }
    assert!(
        openssl(
            folder,
            &[
                "x509",
                "-in",
                "chain.pem",
                "-noout",
                "-pubkey",
                "-out",
                "key.pem"
            ]
        )
        .0
    );
    assert_eq!(openssl(folder, &VERIFY), (true, "Verified OK\n".into()));
    // What the key is known by.
    assert!(
        openssl(
            folder,
            &[
                "pkey", "-pubin", "-in", "key.pem", "-outform", "DER", "-out", "key.der"
            ]
        )
        .0
    );
    let digest = openssl(folder, &["dgst", "-sha256", "-r", "key.der"]).1;
    assert_eq!(digest.split_whitespace().next(), made["key"].as_str());
    // One bit.
    let mut image = std::fs::read(folder.join("image.bin")).unwrap();
    image[50_000] ^= 1;
    std::fs::write(folder.join("image.bin"), image).unwrap();
    assert!(!openssl(folder, &VERIFY).0);
}

#[tokio::test]
async fn the_certificate_is_made_anew_in_its_last_year_for_the_same_key() {
    let mut node = Node::new().await;
    let made = node.add("pump@1", b"abc").await;
    let first = node.artifacts.signer_chain().to_owned();
    node.wait(9 * 365 * 86_400 + 86_400);
    // The authority ends when the certificate does: a new one would be no better.
    node.restart().await;
    assert_eq!(node.artifacts.signer_chain(), first);
    let now = Timestamp::from_millis((BEGIN + 9 * 365 * 86_400 + 86_400) * 1_000);
    let renewed = node.authority.renew(now, &SeededIds::new(8)).unwrap();
    node.authority = std::sync::Arc::new(renewed);
    node.restart().await;
    assert_ne!(node.artifacts.signer_chain(), first);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    download(&node, folder, made["signature"].as_str().unwrap()).await;
    let time = (BEGIN + 12 * 365 * 86_400).to_string();
    let chain = [
        "verify",
        "-attime",
        &time,
        "-CAfile",
        "root.pem",
        "-untrusted",
        "chain.pem",
        "chain.pem",
    ];
    assert_eq!(openssl(folder, &chain), (true, "chain.pem: OK\n".into()));
    assert!(
        openssl(
            folder,
            &[
                "x509",
                "-in",
                "chain.pem",
                "-noout",
                "-pubkey",
                "-out",
                "key.pem"
            ]
        )
        .0
    );
    assert_eq!(openssl(folder, &VERIFY), (true, "Verified OK\n".into()));
    let again = node.artifacts.signer_chain().to_owned();
    node.restart().await;
    assert_eq!(node.artifacts.signer_chain(), again);
}
