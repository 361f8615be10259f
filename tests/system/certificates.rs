//! Certificates that an ACME server gives, with pebble as the server.

use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::platform::{Platform, free_port};
use crate::program::{Program, certify};

/// An authority at `folder`/ca.pem, and a certificate for `localhost` that it signed.
fn authority(folder: &Path) {
    certify(folder, "ca", "ca", &["-addext", "keyUsage=keyCertSign"]);
    let more = [
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-addext",
        "subjectAltName=DNS:localhost",
    ];
    certify(folder, "server", "localhost", &more);
}

/// pebble, with its directory, its own API and the ports at which it looks for proofs, and the names that it looks up.
fn server(folder: &Path, [directory, management, http, tls]: [u16; 4]) -> [Program; 2] {
    let dns = UdpSocket::bind("127.0.0.1:0").unwrap();
    let names = dns.local_addr().unwrap();
    drop(dns);
    let config = serde_json::json!({"pebble": {
        "listenAddress": format!("127.0.0.1:{directory}"),
        "managementListenAddress": format!("127.0.0.1:{management}"),
        "certificate": folder.join("server.pem"),
        "privateKey": folder.join("server.key"),
        "httpPort": http,
        "tlsPort": tls,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": false,
    }});
    std::fs::write(folder.join("pebble.json"), config.to_string()).unwrap();
    // Every name leads to this machine.
    let names_server = Program::start(
        Command::new("pebble-challtestsrv")
            .args(["-dns01", &names.to_string(), "-defaultIPv6", ""])
            .args([
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-management",
                "",
            ]),
    );
    let server = Program::start(
        Command::new("pebble")
            .args(["-strict", "-dnsserver", &names.to_string()])
            .arg("-config")
            .arg(folder.join("pebble.json"))
            // The first nonce is refused now and then, as real servers do.
            .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "20")]),
    );
    [names_server, server]
}

#[test]
fn an_acme_server_gives_a_certificate_that_is_used_at_once() {
    let folder = tempfile::tempdir().unwrap();
    authority(folder.path());
    let (directory, management, http, tls) = (free_port(), free_port(), free_port(), free_port());
    let _server = server(folder.path(), [directory, management, http, tls]);
    let curl = |arguments: &[&str]| {
        let output = Command::new("curl")
            .arg("-sS")
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let began = Instant::now();
    let root = loop {
        let (good, root) = curl(&["-k", &format!("https://127.0.0.1:{management}/roots/0")]);
        if good {
            break root;
        }
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "pebble does not listen"
        );
        std::thread::sleep(Duration::from_millis(50));
    };
    let trusted = folder.path().join("root.pem");
    std::fs::write(&trusted, root).unwrap();
    let text = format!(
        r#"
[gateway]
tls_listen = "127.0.0.1:{tls}"

[gateway.acme]
directory = "https://localhost:{directory}/dir"
names = ["shop.trunkline.test", "www.trunkline.test"]
agree_to_terms = true
contact = "ops@trunkline.test"
root = "{}"
"#,
        folder.path().join("ca.pem").display()
    );
    let listen = format!("127.0.0.1:{http}");
    let platform = Platform::configured_with(&text, &[("TRUNKLINE__GATEWAY__LISTEN", &listen)]);
    for name in ["shop.trunkline.test", "www.trunkline.test"] {
        let began = Instant::now();
        loop {
            let (good, answer) = curl(&[
                "--cacert",
                &trusted.to_string_lossy(),
                "--resolve",
                &format!("{name}:{tls}:127.0.0.1"),
                &format!("https://{name}:{tls}/"),
            ]);
            if good {
                assert!(answer.contains("TL-GATEWAY-001"), "{answer}");
                break;
            }
            assert!(
                began.elapsed() < Duration::from_secs(40),
                "{name} has no certificate: {}",
                platform.said()
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    // A challenge that nobody opened is answered by nothing.
    let (_, answer) = curl(&[&format!(
        "{}/.well-known/acme-challenge/x",
        platform.gateway
    )]);
    assert!(answer.contains("TL-GATEWAY-001"), "{answer}");
}
