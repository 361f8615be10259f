//! Signing in: a service with Trunkline, Trunkline with another issuer, and tokens of Cognito at the gateway.

use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::platform::{Platform, done, free_port, python, script};
use crate::program::Program;

/// The code of a fresh sign-in link of the owner.
fn link(platform: &Platform) -> String {
    let answer = platform.post("/v1/links", &Value::Null);
    let url = answer["url"].as_str().unwrap().to_owned();
    url.rsplit_once("#link=").unwrap().1.to_owned()
}

fn run(name: &str, arguments: &[&str]) -> Value {
    let output = python().arg(script(name)).args(arguments).output().unwrap();
    serde_json::from_str(&done(&output)).unwrap()
}

#[test]
fn a_service_signs_people_in_with_trunkline() {
    let platform = Platform::start();
    let told = run(
        "sign_in.py",
        &[&platform.api, &link(&platform), &platform.token],
    );
    assert!(told["sub"].as_str().unwrap().starts_with("acc_"), "{told}");
    assert_eq!(told["groups"], json!(["role:owner"]));
}

#[test]
fn people_sign_in_with_another_platform_as_their_issuer() {
    let office = Platform::start();
    let made = office.post(
        "/v1/oidc/clients",
        &json!({"kind": "confidential", "name": "branch", "trusted": true, "redirect_uris": ["http://127.0.0.1:9/none"]}),
    );
    let (client, secret) = (
        made["id"].as_str().unwrap(),
        made["client_secret"].as_str().unwrap(),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, secret).unwrap();
    let branch = Platform::configured(&format!(
        r#"
[[access.issuers]]
id = "head-office"
name = "Head office"
issuer = "{issuer}"
client_id = "{client}"
client_secret_file = "{file}"
scopes = ["profile", "groups"]
groups_claim = "groups"
create_people = true

[access.issuers.groups."role:owner"]
role = "operator"
teams = ["platform"]
"#,
        issuer = office.api,
        file = file.display()
    ));
    let callback = format!("{}/v1/session/oidc/head-office/callback", branch.api);
    let (status, answer) = office.curl(
        &[
            "-X",
            "PATCH",
            "-H",
            "content-type: application/json",
            "-d",
            &json!({"redirect_uris": [callback]}).to_string(),
        ],
        &format!("/v1/oidc/clients/{client}"),
    );
    assert_eq!(status, 200, "{answer}");
    let principal = run(
        "sign_in_elsewhere.py",
        &[&branch.api, &office.api, &link(&office)],
    );
    assert_eq!(
        (&principal["kind"], &principal["role"], &principal["teams"]),
        (&json!("account"), &json!("operator"), &json!(["platform"])),
        "{principal}"
    );
}

#[test]
fn the_gateway_takes_access_tokens_of_cognito_and_nothing_else() {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
    let port = address.port().to_string();
    let _moto =
        Program::start(python().args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port]));
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "moto does not listen"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let pool = run("cognito_token.py", &[&format!("http://{address}")]);
    let text = |name: &str| pool[name].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("gateway")).unwrap();
    std::fs::write(
        folder.path().join("gateway/shop.toml"),
        format!(
            "[[upstream]]\nname = \"keys\"\ntargets = [{{ url = \"http://{address}\" }}]\n\n\
             [[route]]\nname = \"keys\"\npath = \"/\"\nupstream = \"keys\"\nauth = [\"jwt\"]\nissuers = [\"cognito\"]\nrequest_headers = {{ remove = [\"authorization\"] }}\n"
        ),
    )
    .unwrap();
    let platform = Platform::configured(&format!(
        r#"
[workspace]
folder = "{folder}"

[[admission.issuers]]
name = "cognito"
issuer = "{issuer}"
audiences = ["{client}"]
client_as_audience = true
token_use = "access"
algorithms = ["RS256"]
jwks_url = "{keys}"
"#,
        folder = folder.path().display(),
        issuer = text("issuer"),
        client = text("client"),
        keys = text("keys"),
    ));
    let path = text("keys");
    let path = path.trim_start_matches(&format!("http://{address}"));
    let ask = |token: &str| {
        let output = Command::new("curl")
            .args(["-sS", "-o", "/dev/null", "-w", "%{http_code}"])
            .args(["-H", &format!("authorization: Bearer {token}")])
            .arg(format!("{}{path}", platform.gateway))
            .output()
            .unwrap();
        done(&output)
    };
    assert_eq!(ask(&text("access")), "200");
    assert_eq!(
        ask(&text("id")),
        "401",
        "an ID token is for the client alone"
    );
    assert_eq!(ask(&platform.token), "401");
    let mut forged = text("access");
    forged.pop();
    assert_eq!(ask(&forged), "401");
}
