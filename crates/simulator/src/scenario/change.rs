//! What is different.

use serde_json::Value;

use super::what_if::Twin;
use crate::path;

/// Which things a change is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// All of them.
    All,
    /// Those of a kind.
    Kind(String),
    /// The one with this name.
    Name(String),
}

impl Selector {
    pub(super) fn takes(&self, twin: &Twin) -> bool {
        match self {
            Self::All => true,
            Self::Kind(kind) => twin.kind == *kind,
            Self::Name(name) => twin.name == *name,
        }
    }
}

/// One half of a twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Desired,
    Reported,
}

/// Something that is otherwise in a scenario than it is in the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub(super) of: Selector,
    pub(super) section: Section,
    pub(super) path: Vec<String>,
    pub(super) value: Value,
}

/// A text that is no change.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no change: write desired.NAME=VALUE or reported.NAME=VALUE, such as desired.speed=2500"
)]
pub struct ChangeError(String);

impl Change {
    /// Reads a change such as `desired.speed=2500`, `desired.motor.mode=eco` or `reported.temperature=80`. What is no JSON behind the sign
    /// of equality is a text.
    ///
    /// # Errors
    /// [`ChangeError`] where `text` is anything else.
    pub fn read(of: Selector, text: &str) -> Result<Self, ChangeError> {
        let (section, path, value) =
            parts(text).ok_or_else(|| ChangeError(text.chars().take(80).collect()))?;
        Ok(Self {
            of,
            section,
            path,
            value,
        })
    }

    /// Makes the change, where `twin` is one of those that it is for.
    pub(super) fn apply(&self, twin: &mut Twin) -> bool {
        let takes = self.of.takes(twin);
        if takes {
            let members = match self.section {
                Section::Desired => &mut twin.desired,
                Section::Reported => &mut twin.reported,
            };
            path::write(members, &self.path, self.value.clone());
        }
        takes
    }

    /// As it was written.
    pub(super) fn text(&self) -> String {
        let section = match self.section {
            Section::Desired => "desired",
            Section::Reported => "reported",
        };
        format!("{section}.{}={}", self.path.join("."), self.value)
    }
}

fn parts(text: &str) -> Option<(Section, Vec<String>, Value)> {
    let (place, value) = text.split_once('=')?;
    let (section, rest) = place.trim().split_once('.')?;
    let section = match section {
        "desired" => Section::Desired,
        "reported" => Section::Reported,
        _ => return None,
    };
    let value = value.trim();
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.into()));
    Some((section, path::read(rest)?, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    #[test]
    fn changes_are_read_and_made() {
        let mut twin = Twin {
            name: "pump-7".into(),
            kind: "pump".into(),
            desired: Map::new(),
            reported: Map::new(),
        };
        let mut make = |of, text| Change::read(of, text).unwrap().apply(&mut twin);
        assert!(make(Selector::All, "desired.speed=2500"));
        assert!(make(
            Selector::Kind("pump".into()),
            "desired.motor.mode = eco"
        ));
        assert!(make(Selector::Name("pump-7".into()), "reported.on=true"));
        assert!(!make(Selector::Kind("meter".into()), "desired.speed=1"));
        assert!(!make(Selector::Name("pump-8".into()), "desired.speed=1"));
        assert_eq!(
            json!(twin.desired),
            json!({"speed": 2500, "motor": {"mode": "eco"}})
        );
        assert_eq!(json!(twin.reported), json!({"on": true}));
        let change = Change::read(Selector::All, "desired.motor.mode=eco").unwrap();
        assert_eq!(change.text(), "desired.motor.mode=\"eco\"");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "speed=1",
            "desired=1",
            "desired.=1",
            "desired.speed",
            "wanted.speed=1",
            "desired.a..b=1",
        ] {
            let error = Change::read(Selector::All, text).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("`{text}` is no change"))
            );
        }
    }
}
