//! The configuration file, with the line of each value.

use std::path::Path;

use toml::de::DeTable;
use toml::{Spanned, Table, Value};
use trunkline_model::code;

use super::Origin;
use super::setting::{Setting, find};
use super::shape::Section;
use crate::Failure;

/// The settings in the file at `path`.
pub(super) fn settings(sections: &[Section], path: &Path) -> Result<Vec<Setting>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(
            &code::CLI_CONFIG,
            format!("{} cannot be read", path.display()),
        )
        .because(&error)
    })?;
    let values: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(&text, span.start));
        Failure::new(
            &code::CLI_CONFIG,
            format!("{}:{line}: {}", path.display(), error.message()),
        )
    })?;
    // The same text again, this time with the place of each name.
    let Ok(places) = DeTable::parse(&text) else {
        return Ok(Vec::new());
    };
    let origin = |at: usize| Origin::File {
        path: path.into(),
        line: line_of(&text, at),
    };
    let mut found = Vec::new();
    for (name, section) in places.get_ref() {
        let at = origin(name.span().start);
        find(sections, name.get_ref(), None, &at)?;
        let Some(entries) = section.get_ref().as_table() else {
            let what = format!(
                "{at}: `{}` is a section: write [{}] above its keys",
                name.get_ref(),
                name.get_ref()
            );
            return Err(Failure::new(&code::CLI_CONFIG, what));
        };
        for key in entries.keys() {
            found.push(setting(
                sections,
                &values,
                name,
                key,
                origin(key.span().start),
            )?);
        }
    }
    Ok(found)
}

fn setting<S: AsRef<str>>(
    sections: &[Section],
    values: &Table,
    section: &Spanned<S>,
    key: &Spanned<S>,
    origin: Origin,
) -> Result<Setting, Failure> {
    let (section, key) = (section.get_ref().as_ref(), key.get_ref().as_ref());
    find(sections, section, Some(key), &origin)?;
    let value = values.get(section).and_then(|section| section.get(key));
    Ok(Setting {
        section: section.into(),
        key: key.into(),
        value: value.cloned().unwrap_or(Value::Boolean(false)),
        origin,
    })
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
