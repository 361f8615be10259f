//! Placeholders for artifacts in the documents of jobs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use trunkline_model::Timestamp;

use crate::model::{is_name, is_version, subject};
use crate::{ArtifactError, Artifacts};

/// What a placeholder begins with, and ends with.
const BEGIN: &str = "${trunkline:artifact:";
const END: &str = "}";

/// The name and version in `text`, where all of it is a placeholder: `${trunkline:artifact:NAME@VERSION}`.
fn read(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
    let (name, version) = inner.split_once('@')?;
    (is_name(name) && is_version(version)).then_some((name, version))
}

/// The artifacts that `document` names, each once, in the order of their names and versions.
#[must_use]
pub fn named_in(document: &Value) -> Vec<(String, String)> {
    let mut found = BTreeSet::new();
    each_text(document, &mut |text| {
        if let Some((name, version)) = read(text) {
            found.insert((name.to_owned(), version.to_owned()));
        }
    });
    found.into_iter().collect()
}

/// Calls `look` with each text of `value`.
fn each_text<'a>(value: &'a Value, look: &mut impl FnMut(&'a str)) {
    match value {
        Value::String(text) => look(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, look)),
        Value::Object(members) => members.values().for_each(|value| each_text(value, look)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text in which there is something like a placeholder that no device would ever see replaced.
fn misplaced(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => (text.contains(BEGIN) && read(text).is_none()).then_some(text),
        Value::Array(items) => items.iter().find_map(misplaced),
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let wrong = name.contains(BEGIN).then_some(name.as_str());
            wrong.or_else(|| misplaced(value))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

impl Artifacts {
    /// Whether all placeholders of `document` can be replaced; for when a job is made, within the change that makes it.
    ///
    /// # Errors
    /// [`ArtifactError::Invalid`] where one is not a whole text or is badly written, [`ArtifactError::Unknown`] where there is no such
    /// artifact.
    pub fn check(&self, document: &Value) -> Result<(), ArtifactError> {
        if let Some(text) = misplaced(document) {
            let text: String = text.chars().take(160).collect();
            let what = format!(
                "`{text}` is not `{BEGIN}NAME@VERSION{END}`, which has to be a text of its own"
            );
            return Err(ArtifactError::Invalid(what));
        }
        for (name, version) in named_in(document) {
            self.artifact(&name, &version)?;
        }
        Ok(())
    }

    /// The document of a job as `thing` gets it: each placeholder is replaced by where the artifact is and what it must be, an object with
    /// `url`, `sha256`, `signature` and `bytes`. Everything else stays as it is.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn fill(
        &self,
        document: &Value,
        thing: &str,
        now: Timestamp,
    ) -> Result<Value, ArtifactError> {
        self.check(document)?;
        self.filled(document, thing, now)
    }

    fn filled(&self, value: &Value, thing: &str, now: Timestamp) -> Result<Value, ArtifactError> {
        Ok(match value {
            Value::String(text) => match read(text) {
                Some((name, version)) => self.linked_to(thing, name, version, now)?,
                None => value.clone(),
            },
            Value::Array(items) => {
                let items = items.iter().map(|item| self.filled(item, thing, now));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.filled(value, thing, now)?)));
                Value::Object(members.collect::<Result<Map<_, _>, ArtifactError>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    fn linked_to(
        &self,
        thing: &str,
        name: &str,
        version: &str,
        now: Timestamp,
    ) -> Result<Value, ArtifactError> {
        let unknown = || ArtifactError::Unknown(subject(name, version));
        let link = self.link(thing, name, version, now).ok_or_else(unknown)?;
        Ok(json!({
            "url": link.url,
            "sha256": link.sha256,
            "signature": link.signature,
            "bytes": link.bytes,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_a_text_of_its_own() {
        assert_eq!(
            read("${trunkline:artifact:pump@1.0+b}"),
            Some(("pump", "1.0+b"))
        );
        for other in [
            "",
            "pump@1.0",
            "${trunkline:artifact:pump}",
            "${trunkline:artifact:@1}",
            "${trunkline:artifact:a@b@c}",
            "${trunkline:artifact:a@1} ",
            "${trunkline:artifact:a@1}}",
            "${aws:iot:s3-presigned-url:https://x/y}",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_named_is_found_once_wherever_it_stands() {
        let one = "${trunkline:artifact:b@1}";
        let document = json!({
            "a": [one, {"x": "${trunkline:artifact:a@2}"}, 3, null],
            "b": one,
            "c": "see ${trunkline:artifact:c@1}",
        });
        let named = named_in(&document);
        let named: Vec<_> = named
            .iter()
            .map(|(name, version)| format!("{name}@{version}"))
            .collect();
        assert_eq!(named, ["a@2", "b@1"]);
        assert_eq!(misplaced(&document), Some("see ${trunkline:artifact:c@1}"));
        assert_eq!(
            misplaced(&json!([{"${trunkline:artifact:a@2}": 1}])),
            Some("${trunkline:artifact:a@2}")
        );
        assert_eq!(misplaced(&json!([one, "${aws:x}"])), None);
    }
}
