//! Two services of a team behind the gateway, written in Node and Python, asked by real clients.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::platform::{Platform, free_port, script};
use crate::program::{Service, certify, schemathesis};

/// Writes the workspace of a team with two services.
fn workspace(folder: &Path, orders: &Service, stock: &Service) {
    std::fs::create_dir_all(folder.join("gateway")).unwrap();
    for service in ["orders", "stock"] {
        let document = folder.join(format!("apis/{service}/openapi.yaml"));
        std::fs::create_dir_all(document.parent().unwrap()).unwrap();
        std::fs::copy(script(&format!("services/{service}.yaml")), document).unwrap();
    }
    let routes = format!(
        r#"
[[upstream]]
name = "orders"
targets = [{{ url = "http://{orders}" }}]
health = {{ path = "/healthz", every = "100ms" }}

[[upstream]]
name = "stock"
targets = [{{ url = "http://{stock}" }}]

[[route]]
name = "orders"
path = "/orders"
upstream = "orders"
auth = ["key"]
contract = {{ service = "orders", mode = "enforce" }}

[[route]]
name = "whoami"
path = "=/whoami"
upstream = "orders"
auth = ["key", "session"]
service = "orders"
team = "shop"

[[route]]
name = "stock"
path = "/stock"
upstream = "stock"
auth = ["none"]
contract = {{ service = "stock", mode = "report" }}
limits = {{ per_address = "5/s burst 5" }}
"#,
        orders = orders.address,
        stock = stock.address
    );
    std::fs::write(folder.join("gateway/shop.toml"), routes).unwrap();
}

struct Shop {
    platform: Platform,
    _orders: Service,
    _stock: Service,
    folder: tempfile::TempDir,
}

fn shop() -> Shop {
    let (orders, stock) = (
        Service::start("node", "orders.mjs"),
        Service::start("python3", "stock.py"),
    );
    let folder = tempfile::tempdir().unwrap();
    workspace(folder.path(), &orders, &stock);
    let path = folder.path().to_string_lossy().into_owned();
    Shop {
        platform: Platform::with(&[("TRUNKLINE__WORKSPACE__FOLDER", &path)]),
        _orders: orders,
        _stock: stock,
        folder,
    }
}

impl Shop {
    /// The status and body that curl gets from the gateway.
    fn curl(&self, arguments: &[&str], path: &str) -> (u16, String) {
        let output = Command::new("curl")
            .args(["-sS", "-w", "\n%{http_code}", "--path-as-is"])
            .args(arguments)
            .arg(format!("{}{path}", self.platform.gateway))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), body.to_owned())
    }

    fn key(&self) -> String {
        format!("authorization: Bearer {}", self.platform.token)
    }

    /// The rows of `query` once there are any.
    fn rows(&self, query: &str) -> Vec<Vec<Value>> {
        let began = Instant::now();
        loop {
            let rows = self.platform.sql(query);
            if !rows.is_empty() || began.elapsed() > Duration::from_secs(10) {
                return rows;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

#[test]
fn a_key_a_document_and_a_limit_hold_and_every_request_is_a_row() {
    let shop = shop();
    let (status, body) = shop.curl(&[], "/orders");
    assert!(
        status == 401 && body.contains("TL-ACCESS-001"),
        "{status} {body}"
    );
    let key = shop.key();
    let json = "content-type: application/json";
    let order = r#"{"item":"lamp","quantity":2}"#;
    let (status, body) = shop.curl(&["-H", &key, "-H", json, "-d", order], "/orders");
    assert_eq!(
        (status, body.contains("\"state\":\"open\"")),
        (201, true),
        "{body}"
    );
    for bad in [
        r#"{"item":"lamp"}"#,
        r#"{"item":"lamp","quantity":0}"#,
        r#"{"item":"lamp","quantity":1,"price":1}"#,
        "{",
    ] {
        // Nobody gets round the document by not saying how long the body is.
        for length in [&[][..], &["-H", "transfer-encoding: chunked"]] {
            let arguments = [&["-H", &key, "-H", json, "-d", bad][..], length].concat();
            let (status, body) = shop.curl(&arguments, "/orders");
            assert!(
                status == 400 && body.contains("TL-GATEWAY-020"),
                "{bad}: {status} {body}"
            );
        }
    }
    let (_, seen) = shop.curl(
        &[
            "-H",
            &key,
            "-H",
            "x-trunkline-subject: owner",
            "-H",
            "x-forwarded-for: 1.2.3.4",
        ],
        "/whoami",
    );
    let seen: Value = serde_json::from_str(&seen).unwrap();
    assert!(
        seen["x-trunkline-subject"]
            .as_str()
            .unwrap()
            .starts_with("tok_"),
        "{seen}"
    );
    assert_eq!(seen["x-forwarded-for"], "127.0.0.1");
    assert!(seen["traceparent"].is_string(), "{seen}");
    let statuses: Vec<u16> = (0..12).map(|_| shop.curl(&[], "/stock/lamp").0).collect();
    assert!(
        statuses.contains(&200) && statuses.contains(&429),
        "{statuses:?}"
    );
    let rows = shop.rows(
        "select count(*) filter (where status = 201), count(*) filter (where refusal = 'TL-GATEWAY-020') > 0,
                min(key) like 'tok_%', bool_and(path not like '%?%')
         from requests where route = 'orders' having count(*) >= 3",
    );
    assert_eq!(
        serde_json::json!(rows),
        serde_json::json!([[1, true, true, true]])
    );
    // The one was refused, the other, an answer, only told of.
    let told = shop.rows(
        "select min(data->>'service') filter (where data->>'side' = 'request' and data->>'enforced' = 'true'),
                min(data->>'service') filter (where data->>'side' = 'answer' and data->>'enforced' = 'false'),
                bool_and(data->'findings'->>0 like 'body%')
         from events where type = 'trunkline.gateway.contract.violated.v1' having count(distinct data->>'side') = 2",
    );
    assert_eq!(
        serde_json::json!(told),
        serde_json::json!([["orders", "stock", true]])
    );
}

#[test]
fn a_draft_has_the_parameters_and_shapes_that_were_seen_and_no_values() {
    let shop = shop();
    for n in 0..4 {
        let (status, _) = shop.curl(&[], &format!("/stock?page={n}&order=secret-value"));
        assert_eq!(status, 200);
    }
    let (status, learned) = shop.platform.curl(&[], "/v1/apis/stock/learned");
    assert_eq!(status, 200, "{learned}");
    assert!(
        !learned.contains("secret-value") && !learned.contains("lamp"),
        "{learned}"
    );
    let learned: Value = serde_json::from_str(&learned).unwrap();
    let operation = &learned["document"]["paths"]["/stock"]["get"];
    let names: Vec<_> = operation["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["order", "page"], "{operation}");
    let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(
        schema["properties"]["items"]["items"]["properties"]["count"]["type"], "integer",
        "{schema}"
    );
}

#[test]
fn a_policy_closes_a_route_and_the_team_is_in_its_rows() {
    let shop = shop();
    let key = shop.key();
    assert_eq!(shop.curl(&["-H", &key], "/whoami").0, 200);
    let policies = shop.folder.path().join("policies");
    std::fs::create_dir_all(&policies).unwrap();
    let closed =
        r#"forbid (principal, action == Action::"route.call", resource == Route::"whoami");"#;
    std::fs::write(policies.join("closed.cedar"), closed).unwrap();
    let began = Instant::now();
    let answer = loop {
        let (status, body) = shop.curl(&["-H", &key], "/whoami");
        if status != 200 || began.elapsed() > Duration::from_secs(10) {
            break body;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(
        answer.contains("TL-ACCESS-003") && answer.contains("closed.cedar"),
        "{answer}"
    );
    // Other routes are as open as before.
    assert_eq!(shop.curl(&["-H", &key], "/orders").0, 200);
    let rows = shop.rows(
        "select team, service, count(*) filter (where refusal = 'TL-ACCESS-003') from requests
         where route = 'whoami' group by 1, 2 having count(refusal) > 0",
    );
    assert_eq!(
        serde_json::json!(rows),
        serde_json::json!([["shop", "orders", 1]])
    );
}

#[test]
fn schemathesis_finds_no_answer_that_the_document_does_not_have() {
    let shop = shop();
    let document = script("services/orders.yaml");
    let more = ["--url", &shop.platform.gateway, "--max-examples", "40"];
    schemathesis(&document, &shop.platform.token, &more);
}

/// A certificate for the shop, signed by itself.
fn certify_shop(folder: &Path) {
    let more = ["-addext", "subjectAltName=DNS:shop.example"];
    certify(folder, "cert", "shop.example", &more);
}

#[test]
fn tls_speaks_http_2_and_takes_renewed_certificates() {
    let folder = tempfile::tempdir().unwrap();
    certify_shop(folder.path());
    let stock = Service::start("python3", "stock.py");
    let port = free_port();
    std::fs::create_dir_all(folder.path().join("gateway")).unwrap();
    std::fs::write(
        folder.path().join("gateway/shop.toml"),
        format!(
            "[[upstream]]\nname = \"stock\"\ntargets = [{{ url = \"http://{}\" }}]\n\n\
             [[route]]\nname = \"stock\"\nhosts = [\"shop.example\"]\npath = \"/\"\nupstream = \"stock\"\nauth = [\"none\"]\n",
            stock.address
        ),
    )
    .unwrap();
    let _platform = Platform::configured(&format!(
        "[workspace]\nfolder = \"{0}\"\n\n[gateway]\ntls_listen = \"127.0.0.1:{port}\"\n\
         certificates = [{{ certificate = \"{0}/cert.pem\", key = \"{0}/cert.key\" }}]\n",
        folder.path().display()
    ));
    let trusted = folder.path().join("trusted.pem");
    let ask = || {
        std::fs::copy(folder.path().join("cert.pem"), &trusted).unwrap();
        let output = Command::new("curl")
            .args(["-sS", "-w", "\n%{http_code} %{http_version}", "--cacert"])
            .arg(&trusted)
            .args(["--resolve", &format!("shop.example:{port}:127.0.0.1")])
            .arg(format!("https://shop.example:{port}/stock/lamp"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let answer = ask();
    assert!(
        answer.ends_with("200 2") && answer.contains("lamp"),
        "{answer}"
    );
    // curl trusts the new certificate alone from here on.
    certify_shop(folder.path());
    let began = Instant::now();
    while !ask().ends_with("200 2") {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "the new certificate is not used"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn schemathesis_finds_nothing_in_the_gateways_own_api() {
    let platform = Platform::start();
    let rooms = "^/v1/(gateway|apis|session|people|teams|policies|things)";
    let more = [
        "--include-path-regex",
        rooms,
        "--exclude-path-regex",
        "oidc",
        "--max-examples",
        "15",
    ];
    schemathesis(
        &format!("{}/openapi.json", platform.api),
        &platform.token,
        &more,
    );
}
