//! One value for one key, and whether there is such a key.

use toml::Value;
use trunkline_model::code;

use super::Origin;
use super::shape::{Key, Kind, Section};
use crate::Failure;

/// A value that somebody gave a key.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

impl Setting {
    /// A value that came as text, read as the key wants it.
    pub(super) fn from_text(
        sections: &[Section],
        section: &str,
        key: &str,
        text: &str,
        origin: Origin,
    ) -> Result<Self, Failure> {
        let known = find(sections, section, Some(key), &origin)?;
        let value = match known {
            Some(known) => read(known.kind, text).ok_or_else(|| {
                let what = format!(
                    "{origin}: `{section}.{key}` wants {}, not `{text}`",
                    known.kind.name()
                );
                Failure::new(&code::CLI_CONFIG, what)
            })?,
            None => Value::String(text.into()),
        };
        Ok(Self {
            section: section.into(),
            key: key.into(),
            value,
            origin,
        })
    }
}

/// The key; a failure that names the nearest one where there is none.
pub(super) fn find<'a>(
    sections: &'a [Section],
    section: &str,
    key: Option<&str>,
    origin: &Origin,
) -> Result<Option<&'a Key>, Failure> {
    let Some(found) = sections.iter().find(|known| known.name == section) else {
        let names = sections.iter().map(|known| known.name.as_str());
        return Err(unknown(origin, "section", section, names, ""));
    };
    let Some(key) = key else {
        return Ok(None);
    };
    match found.keys.iter().find(|known| known.name == key) {
        Some(known) => Ok(Some(known)),
        None => {
            let names = found.keys.iter().map(|known| known.name.as_str());
            Err(unknown(origin, "key", key, names, &format!("{section}.")))
        }
    }
}

fn unknown<'a>(
    origin: &Origin,
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'a str>,
    prefix: &str,
) -> Failure {
    let failure = Failure::new(
        &code::CLI_CONFIG,
        format!("{origin}: there is no {what} `{prefix}{name}`"),
    );
    match nearest(name, names) {
        Some(near) => failure.hint(format!(
            "did you mean `{prefix}{near}`? All of them: `trunkline config show`"
        )),
        None => failure.hint("see `trunkline config show` for all there are"),
    }
}

/// The name that is so like `name` that it may have been meant.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

fn read(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Text => Some(Value::String(text.into())),
        Kind::Integer => text.replace('_', "").parse().ok().map(Value::Integer),
        Kind::Number => text.parse().ok().map(Value::Float),
        Kind::Boolean => text.parse().ok().map(Value::Boolean),
        Kind::Table => {
            let document: toml::Table = format!("value = {text}").parse().ok()?;
            let value = document.get("value")?;
            (document.len() == 1 && value.is_table()).then(|| value.clone())
        }
        Kind::List => {
            let items = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Some(Value::Array(
                items.map(|item| Value::String(item.into())).collect(),
            ))
        }
    }
}
