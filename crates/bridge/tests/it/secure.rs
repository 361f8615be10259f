//! TLS with certificates of both sides, and passwords.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::broker::Mosquitto;
use crate::client::{Collector, send_numbers};
use crate::rig::{Rig, until};

/// An authority in `folder`, with a certificate for `localhost` and one for the bridge.
fn certificates(folder: &Path) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    std::fs::write(folder.join("authority.pem"), authority.pem()).unwrap();
    let issuer = Issuer::new(params, key);
    for name in ["localhost", "site-7"] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

fn tls_broker(folder: &Path) -> (Mosquitto, u16) {
    let own = folder.display();
    let mut broker = Mosquitto::with(&format!(
        "listener {{second_port}} 127.0.0.1\ncafile {own}/authority.pem\ncertfile {own}/localhost.pem\nkeyfile {own}/localhost.key\nrequire_certificate true"
    ));
    broker.begin();
    let port = broker.second_port;
    (broker, port)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_is_reached_over_tls_with_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let local = Mosquitto::start();
    let (remote, port) = tls_broker(folder.path());
    let there = Collector::start(remote.port, "dt/#").await;
    let own = folder.path().display();
    for version in [3_u32, 5] {
        let text = format!(
            "server = \"mqtts://localhost:{port}\"\nversion = {version}\nclient_id = \"site-7\"\nauthority_file = \"{own}/authority.pem\"\n\
             certificate_file = \"{own}/site-7.pem\"\nkey_file = \"{own}/site-7.key\"\n[[out]]\nfilter = \"dt/#\"\n"
        );
        let rig = Rig::start(local.port, &[("tls", text)]);
        rig.connected().await;
        let numbers = version * 100..(version + 1) * 100;
        send_numbers(local.port, "dt/x", numbers.clone()).await;
        until("all arrived", || {
            there
                .first_numbers()
                .ends_with(&numbers.clone().collect::<Vec<_>>())
        })
        .await;
        rig.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn why_there_is_no_tls_is_said() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certificates(folder.path());
    certificates(other.path());
    let local = Mosquitto::start();
    let (_remote, port) = tls_broker(folder.path());
    let head = format!("server = \"mqtts://localhost:{port}\"\nclient_id = \"site-7\"\n");
    let (own, foreign) = (folder.path().display(), other.path().display());
    let map = "[[out]]\nfilter = \"dt/#\"\n";
    for (lines, why) in [
        (
            format!("authority_file = \"{foreign}/authority.pem\"\n"),
            "certificate",
        ),
        (
            format!("authority_file = \"{own}/nobody.pem\"\n"),
            "nobody.pem",
        ),
        (
            format!("authority_file = \"{own}/site-7.key\"\n"),
            "no certificate in it",
        ),
        (
            format!(
                "authority_file = \"{own}/authority.pem\"\ncertificate_file = \"{own}/site-7.pem\"\nkey_file = \"{own}/authority.pem\"\n"
            ),
            "no private key",
        ),
        (
            format!(
                "authority_file = \"{own}/authority.pem\"\ncertificate_file = \"{own}/site-7.pem\"\nkey_file = \"{own}/localhost.key\"\n"
            ),
            "does not fit the key",
        ),
    ] {
        let rig = Rig::start(local.port, &[("tls", format!("{head}{lines}{map}"))]);
        until(why, || {
            let status = rig.status().remote;
            status.last_error.is_some_and(|error| error.contains(why))
        })
        .await;
        assert!(!rig.status().remote.connected);
        rig.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_read_from_its_file_each_time() {
    let local = Mosquitto::start();
    let mut remote = Mosquitto::with("allow_anonymous false\npassword_file {folder}/passwords");
    let passwords = remote.folder().join("passwords");
    std::fs::write(&passwords, "").unwrap();
    let made = std::process::Command::new("mosquitto_passwd")
        .args(["-b", &passwords.display().to_string(), "site", "right"])
        .status();
    assert!(made.unwrap().success());
    remote.begin();
    let secret = remote.folder().join("secret");
    std::fs::write(&secret, "wrong\n").unwrap();
    let text = format!(
        "server = \"mqtt://127.0.0.1:{}\"\nclient_id = \"site-7\"\nusername = \"site\"\npassword_file = \"{}\"\n[[out]]\nfilter = \"dt/#\"\n",
        remote.port,
        secret.display()
    );
    let rig = Rig::start(local.port, &[("password", text)]);
    until("it is refused", || rig.status().remote.last_error.is_some()).await;
    let error = rig.status().remote.last_error.unwrap();
    assert!(error.contains("NotAuthorized"), "{error}");
    std::fs::write(&secret, "right\n").unwrap();
    rig.connected().await;
    rig.end().await;
}
