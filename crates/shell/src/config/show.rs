//! The configuration as it holds, for people and for programs.

use serde_json::{Value, json};

use super::Loaded;
use super::shape::{self, Key};

/// What stands for a secret that is set.
const HIDDEN: &str = "(set, not shown)";

/// One object per key: `key`, `value`, `origin`. Secrets are not shown.
pub fn rows(loaded: &Loaded) -> Vec<Value> {
    let mut rows = Vec::new();
    for section in shape::sections() {
        for key in &section.keys {
            rows.push(json!({
                "key": format!("{}.{}", section.name, key.name),
                "value": value(loaded, &section.name, key),
                "origin": loaded.origin(&section.name, &key.name).to_string(),
            }));
        }
    }
    rows
}

/// A `trunkline.toml` that says what holds, with each value's origin where `origins` is true.
pub fn toml_text(loaded: &Loaded, origins: bool) -> String {
    let mut text = String::new();
    for section in shape::sections() {
        text.push_str(&format!("# {}\n[{}]\n", section.description, section.name));
        for key in &section.keys {
            let line = match value(loaded, &section.name, key) {
                Value::Null => format!("# {} is not set", key.name),
                value => format!("{} = {}", key.name, written(&value)),
            };
            let origin = loaded.origin(&section.name, &key.name);
            let note = if origins {
                format!("  # {origin}")
            } else {
                String::new()
            };
            text.push_str(&format!("{line}{note}\n"));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn value(loaded: &Loaded, section: &str, key: &Key) -> Value {
    let value = loaded
        .values
        .get(section)
        .and_then(|section| section.get(&key.name));
    let value = value
        .and_then(|value| serde_json::to_value(value).ok())
        .unwrap_or_default();
    if key.secret && value.as_str().is_some_and(|text| !text.is_empty()) {
        return HIDDEN.into();
    }
    value
}

/// The value as TOML writes it on one line. Only tables look other than in JSON.
fn written(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| format!("{} = {}", quoted(name), written(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(values) => {
            let values = values.iter().map(written);
            format!("[{}]", values.collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

fn quoted(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if !name.is_empty() && name.chars().all(bare) {
        return name.to_owned();
    }
    Value::from(name).to_string()
}
