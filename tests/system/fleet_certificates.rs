//! Devices with certificates over TLS: mosquitto's clients, and awsiotsdk as AWS teaches to use it.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::platform::{Platform, done, python, script};

/// A device with a certificate, in a folder of its own.
struct Device {
    name: &'static str,
    id: String,
    folder: tempfile::TempDir,
}

fn keep(folder: &Path, name: &str, text: &Value) {
    std::fs::write(folder.join(name), text.as_str().unwrap()).unwrap();
}

impl Device {
    fn new(platform: &Platform, name: &'static str) -> Self {
        platform.post("/v1/things", &json!({ "name": name }));
        Self::again(platform, name)
    }

    /// Another certificate for a thing that is there.
    fn again(platform: &Platform, name: &'static str) -> Self {
        let made = platform.post(&format!("/v1/things/{name}/certificates"), &json!({}));
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), "root.pem", &made["root"]);
        keep(folder.path(), "device.pem", &made["pem"]);
        keep(folder.path(), "device.key", &made["private_key"]);
        Self {
            name,
            id: made["certificate"]["id"].as_str().unwrap().to_owned(),
            folder,
        }
    }

    fn client(&self, program: &str, platform: &Platform, more: &[&str]) -> Command {
        let (host, port) = platform.mqtt_tls.split_once(':').unwrap();
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .args(["-h", host, "-p", port, "-V", "mqttv5", "-i", self.name])
            .args([
                "--cafile",
                "root.pem",
                "--cert",
                "device.pem",
                "--key",
                "device.key",
            ])
            .args(more);
        command
    }

    fn publish(&self, platform: &Platform, topic: &str) -> Output {
        let arguments = ["-q", "1", "-t", topic, "-m", "1"];
        self.client("mosquitto_pub", platform, &arguments)
            .output()
            .unwrap()
    }

    fn set_status(&self, platform: &Platform, status: &str) {
        let path = format!("/v1/certificates/{}/status", self.id);
        let body = json!({ "status": status }).to_string();
        let header = "content-type: application/json";
        let (code, said) = platform.curl(&["-X", "PUT", "-H", header, "-d", &body], &path);
        assert_eq!(code, 200, "{said}");
    }
}

#[test]
fn a_certificate_is_who_a_device_is_until_it_is_taken_back() {
    let platform = Platform::start();
    let pump = Device::new(&platform, "pump-7");
    let other = Device::new(&platform, "pump-8");
    done(&pump.publish(&platform, "dt/pump-7/x"));
    let foreign = pump.publish(&platform, "dt/pump-8/x");
    let said = String::from_utf8_lossy(&foreign.stderr).into_owned();
    assert!(said.contains("Not authorized"), "{said}");
    // Another's certificate, and none at all.
    let stolen = Device {
        name: "pump-7",
        id: String::new(),
        folder: other.folder,
    };
    assert!(!stolen.publish(&platform, "dt/pump-7/x").status.success());
    // Two at once, while the first is replaced by the second.
    let next = Device::again(&platform, "pump-7");
    done(&next.publish(&platform, "dt/pump-7/x"));
    done(&pump.publish(&platform, "dt/pump-7/x"));
    let listening = pump
        .client("mosquitto_sub", &platform, &["-t", "dt/pump-7/#"])
        .stderr(Stdio::null())
        .spawn();
    let mut listening = listening.unwrap();
    platform.wait_for(
        "select count(*) from events where type = 'trunkline.fleet.client.connected.v1' and subject = 'pump-7'",
        |count| count == 5,
    );
    let revoked = Instant::now();
    pump.set_status(&platform, "revoked");
    listening.wait().unwrap();
    assert!(
        revoked.elapsed() < Duration::from_secs(1),
        "it is closed within a second"
    );
    assert!(!pump.publish(&platform, "dt/pump-7/x").status.success());
    done(&next.publish(&platform, "dt/pump-7/x"));
    next.set_status(&platform, "inactive");
    assert!(!next.publish(&platform, "dt/pump-7/x").status.success());
    next.set_status(&platform, "active");
    // What was revoked stays so, after a crash too; what is good is good.
    let platform = platform.kill_and_restart();
    assert!(!pump.publish(&platform, "dt/pump-7/x").status.success());
    done(&next.publish(&platform, "dt/pump-7/x"));
    platform.wait_for(
        "select count(*) from events where type = 'trunkline.fleet.certificate.changed.v1' and subject = 'pump-7'",
        |count| count == 5,
    );
}

#[test]
fn a_device_of_aws_is_provisioned_and_works_unmodified() {
    let platform = Platform::start();
    let template = json!({"body": {
        "Parameters": {"SerialNumber": {"Type": "String"}},
        "Resources": {
            "thing": {"Type": "AWS::IoT::Thing", "Properties": {
                "ThingName": {"Fn::Join": ["", ["pump-", {"Ref": "SerialNumber"}]]}, "ThingTypeName": "pump"}},
            "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {
                "CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "Active"}},
        },
        "DeviceConfiguration": {"interval": "5"},
    }, "allowed": {"SerialNumber": ["7"]}});
    let header = "content-type: application/json";
    let body = template.to_string();
    let path = "/v1/provisioning-templates/pumps";
    let (code, said) = platform.curl(&["-X", "PUT", "-H", header, "-d", &body], path);
    assert_eq!(code, 200, "{said}");
    let claim = platform.post(&format!("{path}/claims"), &json!({}));
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), "root.pem", &claim["root"]);
    keep(folder.path(), "claim.pem", &claim["pem"]);
    keep(folder.path(), "claim.key", &claim["private_key"]);
    let output = python()
        .arg(script("aws_iot_client.py"))
        .args([
            &platform.mqtt_tls,
            folder.path().to_str().unwrap(),
            "pumps",
            "7",
        ])
        .args([&platform.api, &platform.token])
        .output()
        .unwrap();
    let said = done(&output);
    assert!(said.contains("all well"), "{said}");
    let (_, thing) = platform.curl(&[], "/v1/things/pump-7");
    let thing: Value = serde_json::from_str(&thing).unwrap();
    assert_eq!(thing["kind"], "pump");
    platform.wait_for(
        "select count(*) from events where type = 'trunkline.fleet.job.execution.changed.v1' and data->>'status' = 'SUCCEEDED'",
        |count| count == 1,
    );
    // Whoever has the claim may become a device, and nothing else.
    let thief = Device {
        name: "thief",
        id: String::new(),
        folder,
    };
    let (certificate, key) = (
        thief.folder.path().join("device.pem"),
        thief.folder.path().join("device.key"),
    );
    std::fs::rename(thief.folder.path().join("claim.pem"), certificate).unwrap();
    std::fs::rename(thief.folder.path().join("claim.key"), key).unwrap();
    let foreign = thief.publish(&platform, "dt/pump-7/x");
    let said = String::from_utf8_lossy(&foreign.stderr).into_owned();
    assert!(said.contains("Not authorized"), "{said}");
}

/// Runs openssl in `folder`.
fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(arguments.split(' '))
        .output()
        .unwrap();
    done(&output);
}

/// A new key, and what openssl's own authority thinks of it for `name`.
fn sign(at: &Path, name: &str, file: &str) {
    openssl(
        at,
        &format!("req -new {KEY} -keyout {file}.key -out {file}.csr -subj /CN={name}"),
    );
    openssl(
        at,
        &format!(
            "x509 -req -in {file}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {file}.pem -days 30"
        ),
    );
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

#[test]
fn a_device_joins_with_the_certificate_of_the_teams_own_authority() {
    let platform = Platform::start();
    let (_, shown) = platform.curl(&[], "/v1/authorities");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let code = shown["registration_code"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    keep(at, "root.pem", &shown["root"]);
    openssl(
        at,
        &format!("req -x509 {KEY} -keyout ca.key -out ca.pem -subj /CN=own -days 30"),
    );
    // A common name has 64 letters; the code is as long.
    sign(at, code, "proof");
    sign(at, "pump-20", "device");
    let read = |file: &str| std::fs::read_to_string(at.join(file)).unwrap();
    let own = json!({"certificate": read("ca.pem"), "verification": read("proof.pem")});
    let pump = Device {
        name: "pump-20",
        id: String::new(),
        folder,
    };
    assert!(!pump.publish(&platform, "dt/pump-20/x").status.success());
    let made = platform.post("/v1/authorities", &own);
    assert!(made["subject"].as_str().unwrap().contains("own"), "{made}");
    done(&pump.publish(&platform, "dt/pump-20/x"));
    let (code, thing) = platform.curl(&[], "/v1/things/pump-20");
    assert_eq!(code, 200, "{thing}");
    // It stays when its authority goes, and nobody new comes.
    let id = made["id"].as_str().unwrap();
    let (code, said) = platform.curl(&["-X", "DELETE"], &format!("/v1/authorities/{id}"));
    assert_eq!(code, 204, "{said}");
    done(&pump.publish(&platform, "dt/pump-20/x"));
    sign(pump.folder.path(), "pump-21", "device");
    let other = Device {
        name: "pump-21",
        ..pump
    };
    assert!(!other.publish(&platform, "dt/pump-21/x").status.success());
}

#[test]
fn a_device_joins_with_a_token() {
    let platform = Platform::start();
    let token = platform.post(
        "/v1/join-tokens",
        &json!({"pattern": "pump-*", "kind": "pump", "uses": 2}),
    );
    let folder = tempfile::tempdir().unwrap();
    openssl(
        folder.path(),
        &format!("req -new {KEY} -keyout device.key -subj /CN=whatever -out request.pem"),
    );
    let request = std::fs::read_to_string(folder.path().join("request.pem")).unwrap();
    let join = |thing: &str| {
        let body =
            json!({"token": token["secret"], "thing": thing, "request": request}).to_string();
        let output = Command::new("curl")
            .args([
                "-s",
                "-X",
                "POST",
                "-H",
                "content-type: application/json",
                "-d",
                &body,
            ])
            .arg(format!("{}/v1/join", platform.api))
            .output()
            .unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(join("valve-1")["code"], "TL-FLEET-011");
    let joined = join("pump-9");
    keep(folder.path(), "root.pem", &joined["root"]);
    keep(folder.path(), "device.pem", &joined["pem"]);
    let pump = Device {
        name: "pump-9",
        id: String::new(),
        folder,
    };
    done(&pump.publish(&platform, "dt/pump-9/x"));
    // Nobody becomes one that is there; and two are all that may join.
    assert_eq!(join("pump-9")["code"], "TL-FLEET-011");
    assert_eq!(join("pump-10")["certificate"]["thing"], "pump-10");
    assert_eq!(join("pump-11")["code"], "TL-FLEET-011");
}
