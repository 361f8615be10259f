//! Secrets from files: where `key_file` names a file, its contents are the value of `key`.

use std::path::PathBuf;

use toml::Value;
use trunkline_model::code;

use super::Origin;
use super::load::Loaded;
use super::shape::Section;
use crate::Failure;

/// Reads every file that a `_file` key names.
pub(super) fn read(sections: &[Section], loaded: &mut Loaded) -> Result<(), Failure> {
    for section in sections {
        for key in section.keys.iter().filter(|key| key.secret) {
            let file = format!("{}_file", key.name);
            let path = loaded.text(&section.name, &file).unwrap_or_default();
            if path.is_empty() {
                continue;
            }
            let name = format!("{}.{}", section.name, key.name);
            if loaded
                .text(&section.name, &key.name)
                .is_some_and(|text| !text.is_empty())
            {
                let what = format!("both `{name}` and `{name}_file` are set");
                return Err(Failure::new(&code::CLI_CONFIG, what).hint("keep one of the two"));
            }
            let text = std::fs::read_to_string(&path).map_err(|error| {
                let what = format!("{path}, which `{name}_file` names, cannot be read");
                Failure::new(&code::CLI_CONFIG, what).because(&error)
            })?;
            let value = Value::String(text.trim_end_matches(['\n', '\r']).into());
            loaded.put(
                &section.name,
                &key.name,
                value,
                Origin::SecretFile(PathBuf::from(path)),
            );
        }
    }
    Ok(())
}
