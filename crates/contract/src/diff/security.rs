//! Who may call: the security requirements.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Changes, Severity};

/// The alternatives of a requirement: each a set of schemes with their scopes.
type Alternatives = Vec<BTreeMap<String, BTreeSet<String>>>;

fn read(value: Option<&Value>) -> Option<Alternatives> {
    let list = value?.as_array()?;
    let one = |requirement: &Value| {
        let schemes = requirement.as_object().into_iter().flatten();
        schemes
            .map(|(name, scopes)| {
                let scopes = scopes
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str);
                (name.clone(), scopes.map(str::to_owned).collect())
            })
            .collect()
    };
    Some(list.iter().map(one).collect())
}

pub(super) fn operations(old: Option<&Value>, new: Option<&Value>, changes: &mut Changes) {
    requirements(read(old), read(new), "api-security", "security", changes);
}

pub(super) fn documents(old: &Value, new: &Value, changes: &mut Changes) {
    let (before, after) = (read(old.get("security")), read(new.get("security")));
    requirements(before, after, "api-global-security", "security", changes);
    let schemes = |document: &Value| -> BTreeMap<String, Value> {
        let schemes = document["components"]["securitySchemes"].as_object();
        schemes
            .into_iter()
            .flatten()
            .map(|(name, scheme)| (name.clone(), scheme.clone()))
            .collect()
    };
    let (before, after) = (schemes(old), schemes(new));
    let kind = |scheme: &Value| {
        (
            scheme["type"].clone(),
            scheme["scheme"].clone(),
            scheme["in"].clone(),
            scheme["name"].clone(),
        )
    };
    for (name, scheme) in &before {
        let place = format!("securitySchemes.{name}");
        match after.get(name) {
            None => changes.add(
                Severity::Info,
                "api-security-component-removed",
                &place,
                "the way to sign in was removed",
            ),
            Some(now) if kind(scheme) != kind(now) => {
                changes.add(
                    Severity::Breaking,
                    "api-security-component-changed",
                    &place,
                    "the way to sign in is another one",
                );
            }
            Some(_) => {}
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        let place = format!("securitySchemes.{name}");
        changes.add(
            Severity::Info,
            "api-security-component-added",
            &place,
            "a way to sign in is new",
        );
    }
}

/// Whoever met an old alternative must meet a new one, with nothing more to show.
fn requirements(
    old: Option<Alternatives>,
    new: Option<Alternatives>,
    rule: &str,
    place: &str,
    changes: &mut Changes,
) {
    if old == new {
        return;
    }
    let open = |alternatives: Option<Alternatives>| {
        let mut list = alternatives.unwrap_or_default();
        if list.is_empty() {
            list.push(BTreeMap::new());
        }
        list
    };
    let (old, new) = (open(old), open(new));
    let enough = |had: &BTreeMap<String, BTreeSet<String>>,
                  needed: &BTreeMap<String, BTreeSet<String>>| {
        needed
            .iter()
            .all(|(name, scopes)| had.get(name).is_some_and(|had| scopes.is_subset(had)))
    };
    if old
        .iter()
        .all(|had| new.iter().any(|needed| enough(had, needed)))
    {
        let text = "the operation asks for less, or offers another way to sign in";
        changes.add(Severity::Info, format!("{rule}-removed"), place, text);
    } else {
        let text = "who could call before may lack a credential or a scope now";
        changes.add(Severity::Breaking, format!("{rule}-added"), place, text);
    }
}
