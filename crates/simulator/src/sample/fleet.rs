//! The things.

use serde_json::{Map, Value, json};

/// A thing of the sample.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleThing {
    /// Its name, such as `pump-001`.
    pub name: String,
    /// Its kind, for which a model is shipped: `pump`, `meter` or `gateway`.
    pub kind: &'static str,
    /// What else is known of it: `site`, `firmware`, and, of all but gateways, `gateway`.
    pub attributes: Vec<(&'static str, String)>,
    /// What is wanted of it.
    pub desired: Map<String, Value>,
}

const SITES: [&str; 5] = ["north", "south", "east", "west", "harbour"];
const GATEWAYS: usize = 20;
/// Pumps behind each gateway.
const PUMPS: usize = 6;
/// Meters behind each gateway.
const METERS: usize = 3;

/// The 200 things of the sample: 20 gateways at five sites, and behind each of them 6 pumps and 3 meters.
#[must_use]
pub fn fleet() -> Vec<SampleThing> {
    let gateways = (0..GATEWAYS).map(gateway);
    let pumps = (0..GATEWAYS * PUMPS).map(pump);
    let meters = (0..GATEWAYS * METERS).map(meter);
    gateways.chain(pumps).chain(meters).collect()
}

fn gateway(number: usize) -> SampleThing {
    thing("gateway", number, None, "5.1.0", json!({"transmit": 14}))
}

/// None of the speeds is so high that a pump which is well gets too hot.
fn pump(number: usize) -> SampleThing {
    let firmware = if number % 10 == 9 { "1.3.0" } else { "1.4.2" };
    let desired = json!({"speed": 1_300 + 50 * (number % PUMPS), "enabled": true});
    thing("pump", number, Some(number / PUMPS), firmware, desired)
}

fn meter(number: usize) -> SampleThing {
    let firmware = if number % 7 == 6 { "2.0.0" } else { "2.0.1" };
    let limit = if number % 12 == 11 { 6_000 } else { 0 };
    thing(
        "meter",
        number,
        Some(number / METERS),
        firmware,
        json!({"limit": limit}),
    )
}

fn thing(
    kind: &'static str,
    number: usize,
    behind: Option<usize>,
    firmware: &str,
    desired: Value,
) -> SampleThing {
    let site = behind.unwrap_or(number) * SITES.len() / GATEWAYS;
    let site = SITES.get(site).copied().unwrap_or_default();
    let mut attributes = vec![("site", site.into()), ("firmware", firmware.into())];
    attributes.extend(behind.map(|gateway| ("gateway", name("gateway", gateway))));
    SampleThing {
        name: name(kind, number),
        kind,
        attributes,
        desired: match desired {
            Value::Object(members) => members,
            _ => Map::new(),
        },
    }
}

fn name(kind: &str, number: usize) -> String {
    format!("{kind}-{:03}", number + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use trunkline_behaviour::{Model, shipped};

    fn attribute<'t>(thing: &'t SampleThing, name: &str) -> Option<&'t str> {
        let mut attributes = thing.attributes.iter();
        attributes
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    #[test]
    fn it_has_two_hundred_things_of_three_kinds_behind_gateways_of_their_site() {
        let fleet = fleet();
        let names: HashSet<&str> = fleet.iter().map(|thing| thing.name.as_str()).collect();
        assert_eq!((fleet.len(), names.len()), (200, 200));
        assert!(names.contains("pump-001") && names.contains("gateway-020"));
        let mut kinds: HashMap<&str, usize> = HashMap::new();
        let mut sites: HashMap<&str, usize> = HashMap::new();
        for thing in &fleet {
            *kinds.entry(thing.kind).or_default() += 1;
            let site = attribute(thing, "site").unwrap();
            *sites.entry(site).or_default() += 1;
            assert!(attribute(thing, "firmware").is_some());
            match attribute(thing, "gateway") {
                None => assert_eq!(thing.kind, "gateway"),
                Some(gateway) => {
                    let gateway = fleet.iter().find(|one| one.name == gateway).unwrap();
                    assert_eq!(attribute(gateway, "site"), Some(site));
                }
            }
        }
        assert_eq!(
            kinds,
            HashMap::from([("gateway", 20), ("pump", 120), ("meter", 60)])
        );
        assert_eq!(sites, SITES.iter().map(|site| (*site, 40)).collect());
    }

    #[test]
    fn what_is_wanted_is_what_a_shipped_model_reads() {
        for thing in fleet() {
            let file = format!("behaviour/{}.toml", thing.kind);
            let files = shipped();
            let (name, text) = files.iter().find(|(name, _)| *name == file).unwrap();
            let model = Model::read(name, text).unwrap();
            assert_eq!(model.kind(), thing.kind);
            let inputs: Vec<String> = model.inputs().collect();
            assert!(!thing.desired.is_empty());
            assert!(thing.desired.keys().all(|name| inputs.contains(name)));
        }
    }
}
