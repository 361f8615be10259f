//! Devices over TLS.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use trunkline_simulator::{Broker, Credential, Plan, Proof};

use crate::broker::Mosquitto;
use crate::support::{Running, device, toy};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate and its key.
    fn issue(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new(vec![name.into()]).unwrap();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

fn broker(authority: &Authority, further: &str) -> Mosquitto {
    let (certificate, key) = authority.issue("localhost");
    let text = format!(
        "cafile {{folder}}/authority.pem\ncertfile {{folder}}/own.pem\nkeyfile {{folder}}/own.key\n{further}"
    );
    let files = [
        ("authority.pem", authority.pem()),
        ("own.pem", certificate),
        ("own.key", key),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    Mosquitto::with(&text, &files)
}

fn plan(devices: Vec<Credential>, roots: String, port: u16) -> Plan {
    let broker = Broker {
        host: "localhost".into(),
        port,
        tls: Some(roots),
    };
    Plan::new(toy(), devices, broker, 7)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_shown() {
    let authority = Authority::new();
    let broker = broker(
        &authority,
        "require_certificate true\nuse_identity_as_username true\n",
    );
    let devices = ["toy-1", "toy-2"].map(|name| {
        let (chain, key) = authority.issue(name);
        Credential {
            name: name.into(),
            proof: Proof::Certificate { chain, key },
        }
    });
    let mut running = Running::start(&plan(devices.into(), authority.pem(), broker.port));
    let totals = running.until(|totals| totals.acknowledged >= 10).await;
    assert_eq!((totals.connected, totals.problem), (2, None));
    // Who has none is not let in.
    let mut stranger = Running::start(&plan(vec![device("toy-3")], authority.pem(), broker.port));
    let totals = stranger.until(|totals| totals.problem.is_some()).await;
    assert_eq!(totals.acknowledged, 0);
    stranger.stop().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_travels_over_tls_too_and_not_to_a_stranger() {
    let authority = Authority::new();
    let broker = broker(&authority, "allow_anonymous true\n");
    let mut running = Running::start(&plan(vec![device("toy-1")], authority.pem(), broker.port));
    running.until(|totals| totals.acknowledged >= 5).await;
    running.stop().await;
    let other = Authority::new();
    let mut running = Running::start(&plan(vec![device("toy-1")], other.pem(), broker.port));
    let totals = running.until(|totals| totals.problem.is_some()).await;
    assert!(totals.problem.unwrap().contains("certificate"));
    running.stop().await;
}
