//! An update over the air, from the upload to the device that verifies it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::listener::Listener;
use crate::platform::{Platform, done};

fn answer((status, text): (u16, String)) -> Value {
    assert!(status < 300, "{status}: {text}");
    serde_json::from_str(&text).unwrap()
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap();
    done(&output);
}

/// Downloads `url` without any credential, in two parts, and puts them together.
fn in_parts(url: &str, bytes: usize) -> Vec<u8> {
    let part = |range: String| {
        let output = Command::new("curl")
            .args(["-sS", "-f", "-m", "60", "-r", &range, url])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let mut whole = part(format!("0-{}", bytes / 2 - 1));
    assert_eq!(whole.len(), bytes / 2);
    whole.extend(part(format!("{}-", bytes / 2)));
    whole
}

/// Verifies what was downloaded as a device does: with what it was told, and the root of the platform.
fn verify(platform: &Platform, here: &Path, downloaded: &[u8], told: &Value) {
    std::fs::write(here.join("image.bin"), downloaded).unwrap();
    let root = answer(platform.curl(&[], "/v1/authorities"));
    let (_, chain) = platform.curl(&[], "/v1/artifact-signer");
    let keep = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    keep("root.pem", root["root"].as_str().unwrap());
    keep("chain.pem", &chain);
    keep("signature.b64", told["signature"].as_str().unwrap());
    openssl(
        here,
        "verify -CAfile root.pem -untrusted chain.pem chain.pem",
    );
    openssl(here, "x509 -in chain.pem -pubkey -noout -out key.pem");
    openssl(here, "base64 -d -A -in signature.b64 -out signature");
    openssl(
        here,
        "dgst -sha256 -verify key.pem -signature signature image.bin",
    );
}

/// What the device is told that asks for its next job.
fn start_next(platform: &Platform, secret: &str) -> Value {
    let (host, port) = platform.mqtt.split_once(':').unwrap();
    let client = |program: &str| {
        let mut command = Command::new("stdbuf");
        command
            .args(["-oL", program, "-h", host, "-p", port, "-q", "1"])
            .args(["-u", "pump-7", "-P", secret]);
        command
    };
    let mut device = client("mosquitto_sub");
    device.args(["-i", "pump-7", "-F", "%t %p"]);
    device.args(["-t", "$aws/things/pump-7/jobs/start-next/accepted"]);
    let device = Listener::start(device);
    platform.wait_for(
        "select count(*) from events where type = 'trunkline.fleet.job.execution.changed.v1'",
        |count| count == 1,
    );
    let asked = client("mosquitto_pub")
        .args(["-i", "pump-7:asks", "-m", "{}"])
        .args(["-t", "$aws/things/pump-7/jobs/start-next"])
        .output()
        .unwrap();
    done(&asked);
    device.message().1
}

#[test]
fn a_device_is_told_of_an_image_downloads_it_in_parts_and_verifies_it() {
    let platform = Platform::start();
    let made = platform.post("/v1/things", &json!({"name": "pump-7", "kind": "pump"}));
    let secret = made["secret"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let image: Vec<u8> = (0..300_001_u32).map(|n| (n * 7 % 251) as u8).collect();
    let file = folder.path().join("sent.bin");
    std::fs::write(&file, &image).unwrap();
    let put = ["artifact", "put", "pump@1.2.3", file.to_str().unwrap()];
    done(&platform.trunkline(&put));
    let shown = done(&platform.trunkline(&["artifact", "show", "pump@1.2.3"]));
    let kept: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(kept["bytes"], 300_001, "{kept}");

    // What is not there cannot be named, and what is named stays.
    let job = |version: &str| {
        let placeholder = format!("${{trunkline:artifact:pump@{version}}}");
        let body =
            json!({"jobId": "ota-7", "targets": ["pump-7"], "document": {"image": placeholder}});
        platform.post("/v1/jobs", &body)
    };
    assert_eq!(job("9.9.9")["code"], "TL-FLEET-014");
    assert_eq!(job("1.2.3")["status"], "IN_PROGRESS");
    let (status, text) = platform.curl(&["-X", "DELETE"], "/v1/artifacts/pump/1.2.3");
    assert!(status == 409 && text.contains("ota-7"), "{status}: {text}");

    let told = start_next(&platform, secret);
    let told = &told["execution"]["jobDocument"]["image"];
    assert_eq!(told["bytes"], 300_001, "{told}");
    let url = told["url"].as_str().unwrap();
    assert!(
        url.starts_with("http://") && url.contains("/ota/pump/1.2.3"),
        "{url}"
    );
    let downloaded = in_parts(url, image.len());
    assert_eq!(downloaded, image);
    verify(&platform, folder.path(), &downloaded, told);
    // Another's link, and one that was tampered with, lead nowhere.
    let forged = url.replace("thing=pump-7", "thing=pump-8");
    assert_ne!(forged, url);
    let refused = Command::new("curl")
        .args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", &forged])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&refused.stdout), "403");
}
