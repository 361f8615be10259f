//! What stands around the things of the sample: their types, the groups of their sites, what hangs off what, and a job for the pumps.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_simulator::sample::{SampleThing, fleet};

use super::registry::Registry;
use crate::SAMPLE;

/// What the description of each type and group of the sample begins with.
pub const DESCRIBED: &str = "Of the sample: ";
/// The job of the sample.
pub const JOB: &str = "sample-pump-firmware";
/// The kinds of its things.
pub const KINDS: [&str; 3] = ["gateway", "pump", "meter"];
/// The group of its pumps, and that of those that are hot, which statements make up.
const PUMPS: &str = "sample-pumps";
const HOT: &str = "sample-hot-pumps";

/// The names of the sample's groups.
#[must_use]
pub fn groups() -> Vec<String> {
    let sites = fleet().into_iter().filter_map(|thing| site(&thing));
    let sites: BTreeSet<String> = sites.map(|site| group(&site)).collect();
    let made_up = [PUMPS, HOT].map(ToOwned::to_owned);
    sites.into_iter().chain(made_up).collect()
}

fn group(site: &str) -> String {
    format!("sample-{site}")
}

fn site(thing: &SampleThing) -> Option<String> {
    attribute(thing, "site")
}

fn attribute(thing: &SampleThing, name: &str) -> Option<String> {
    let found = thing.attributes.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.clone())
}

/// Makes all of it, so far as it is not there.
pub(super) async fn make(registry: &Registry) -> anyhow::Result<()> {
    for kind in KINDS {
        let path = format!("/v1/thing-types/{kind}");
        // Somebody's own type stays as it is.
        if !registry.is_there(&path).await? {
            registry.want(Method::PUT, &path, &type_of(kind)).await?;
        }
    }
    for name in groups() {
        let wanted = group_called(&name);
        registry
            .want(Method::POST, "/v1/thing-groups", &wanted)
            .await?;
    }
    for thing in fleet() {
        let from = format!("thing:{}", thing.name);
        if let Some(site) = site(&thing) {
            let path = format!("/v1/thing-groups/{}/things/{}", group(&site), thing.name);
            registry.want(Method::PUT, &path, &Value::Null).await?;
            if thing.kind == "gateway" {
                relate(registry, &from, "stands-in", &format!("place:{site}")).await?;
            }
        }
        if let Some(gateway) = attribute(&thing, "gateway") {
            relate(
                registry,
                &from,
                "talks-through",
                &format!("thing:{gateway}"),
            )
            .await?;
        }
    }
    registry.want(Method::POST, "/v1/jobs", &job()).await
}

async fn relate(registry: &Registry, from: &str, kind: &str, to: &str) -> anyhow::Result<()> {
    let relation = json!({"from": from, "kind": kind, "to": to});
    registry.want(Method::PUT, "/v1/relations", &relation).await
}

fn type_of(kind: &str) -> Value {
    let number = json!({"type": "number"});
    let (what, reported) = match kind {
        "pump" => (
            "moves water, and switches itself off before it burns",
            json!({"state": {"enum": ["running", "overheated", "stopped"]}, "temperature": {"type": "number", "maximum": 95}, "flow": number}),
        ),
        "meter" => ("measures what a site takes", json!({"power": number})),
        _ => (
            "carries what pumps and meters say",
            json!({"uptime": number}),
        ),
    };
    let site = json!({"type": "string", "minLength": 1});
    json!({
        "description": format!("{DESCRIBED}{what}"),
        "reported": {"type": "object", "properties": reported},
        "attributes": {"type": "object", "properties": {"site": site, "firmware": {"type": "string"}}, "required": ["site"]},
    })
}

fn group_called(name: &str) -> Value {
    let pumps = format!(
        "select thing from things where kind = 'pump' and attributes->>'{SAMPLE}' = 'true'"
    );
    let hot =
        "select thing from shadows where kind = 'pump' and (reported->>'temperature')::double > 70";
    let (what, statement) = match name {
        PUMPS => ("all pumps", Some(pumps.as_str())),
        HOT => ("pumps that are hotter than 70 degrees", Some(hot)),
        _ => ("a site", None),
    };
    json!({"name": name, "description": format!("{DESCRIBED}{what}"), "statement": statement})
}

/// New firmware for the pumps, some of them first. It calls itself off where those that have it run hotter than those that have not.
fn job() -> Value {
    let abort = format!(
        "select avg((s.reported->>'temperature')::double) filter (where e.status = 'SUCCEEDED')
              > avg((s.reported->>'temperature')::double) filter (where e.status = 'QUEUED') + 25
         from executions e join shadows s using (thing) where e.job = '{JOB}'"
    );
    json!({
        "jobId": JOB,
        "description": format!("{DESCRIBED}firmware 1.4.3 for all pumps"),
        "targets": [format!("group:{PUMPS}")],
        "document": {"version": "1.4.3"},
        "rollbackDocument": {"version": "1.4.2"},
        "jobExecutionsRolloutConfig": {"maximumPerMinute": 10},
        "gates": {"abort": abort, "everySeconds": 10},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_site_has_a_group_and_pumps_have_two() {
        let groups = groups();
        assert_eq!(groups.len(), 7);
        assert!(groups.contains(&"sample-harbour".to_owned()), "{groups:?}");
    }
}
