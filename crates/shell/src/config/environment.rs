//! `TRUNKLINE__SECTION__KEY` from the environment.

use super::Origin;
use super::setting::{Setting, find};
use super::shape::Section;
use crate::Failure;

/// What every such name begins with.
const PREFIX: &str = "TRUNKLINE__";

/// The settings among these variables.
pub(super) fn settings(
    sections: &[Section],
    variables: &[(String, String)],
) -> Result<Vec<Setting>, Failure> {
    let mut found = Vec::new();
    for (name, text) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let origin = Origin::Environment(name.clone());
        let path = path.to_ascii_lowercase();
        match path.split_once("__") {
            Some((section, key)) => {
                found.push(Setting::from_text(sections, section, key, text, origin)?);
            }
            None => {
                find(sections, &path, None, &origin)?;
                let hint = format!("name a key too: {name}__KEY");
                return Err(Failure::usage(
                    format!("{name} names a section, but no key"),
                    hint,
                ));
            }
        }
    }
    Ok(found)
}
