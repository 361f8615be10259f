//! A running platform's own checks.

use serde_json::Value;

use super::Check;
use trunkline_shell::Client;
use trunkline_shell::Globals;

/// Asks the platform how it is.
pub async fn platform(globals: &Globals) -> Vec<Check> {
    let client = match Client::of(globals) {
        Ok(client) => client,
        Err(failure) => return vec![Check::warn("platform", format!("not asked: {failure}"))],
    };
    let name = "platform";
    let system = match client.get("/v1/system").await {
        Ok(system) => system,
        Err(failure) => {
            return vec![Check::fail(
                name,
                format!("{}: {failure}", client.place.url),
            )];
        }
    };
    let version = system["version"].as_str().unwrap_or_default();
    let mut checks = vec![Check::good(
        name,
        format!("{} answers, version {version}", client.place.url),
    )];
    checks.extend(system["checks"].as_array().into_iter().flatten().map(told));
    checks
}

fn told(check: &Value) -> Check {
    let text = |name: &str| check[name].as_str().unwrap_or_default();
    let status = match text("status") {
        "ok" => "ok",
        "warn" => "warn",
        "fail" => "fail",
        // No data is a state of its own, never a good one.
        _ => "blind",
    };
    Check::new(
        format!("platform: {}", text("name")),
        status,
        text("detail"),
    )
}
