//! Puts the layers together: default, file, environment, flags.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::{Table, Value};
use trunkline_model::code;
use trunkline_platform::Config;

use super::setting::Setting;
use super::shape::{self, Section};
use super::{Origin, environment, file, secret, validate};
use crate::Failure;

/// Where values may come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file, where there is one.
    pub file: Option<PathBuf>,
    /// Names and values of the environment.
    pub environment: Vec<(String, String)>,
    /// `section.key=value` from the command line.
    pub flags: Vec<String>,
}

/// The configuration as it holds, with the origin of each value.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    pub(super) values: Table,
    origins: BTreeMap<(String, String), Origin>,
}

impl Loaded {
    /// Reads all sources; a later one of default, file, environment and flag wins.
    ///
    /// # Errors
    /// A [`Failure`] with TL-CLI-002 that names the place: an unknown name, a value of the wrong type, a file that cannot be read.
    pub fn of(sources: &Sources) -> Result<Self, Failure> {
        let sections = shape::sections();
        let defaults = Table::try_from(Config::default())
            .map_err(|error| Failure::new(&code::CLI_CONFIG, error.to_string()))?;
        let mut loaded = Self {
            config: Config::default(),
            file: sources.file.clone(),
            values: defaults.clone(),
            origins: BTreeMap::new(),
        };
        let mut settings = match &sources.file {
            Some(path) => file::settings(&sections, path)?,
            None => Vec::new(),
        };
        settings.extend(environment::settings(&sections, &sources.environment)?);
        settings.extend(flags(&sections, &sources.flags)?);
        for setting in settings {
            fits(&defaults, &setting)?;
            loaded.put(
                &setting.section,
                &setting.key,
                setting.value,
                setting.origin,
            );
        }
        secret::read(&sections, &mut loaded)?;
        loaded.config = loaded
            .values
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| Failure::new(&code::CLI_CONFIG, error.message()))?;
        validate::check(&loaded)?;
        Ok(loaded)
    }

    /// Where the value of a key came from.
    #[must_use]
    pub fn origin(&self, section: &str, key: &str) -> Origin {
        let path = (section.to_owned(), key.to_owned());
        self.origins.get(&path).cloned().unwrap_or_default()
    }

    /// The value of a key that is text.
    pub(super) fn text(&self, section: &str, key: &str) -> Option<String> {
        self.values
            .get(section)?
            .get(key)?
            .as_str()
            .map(ToOwned::to_owned)
    }

    pub(super) fn put(&mut self, section: &str, key: &str, value: Value, origin: Origin) {
        let entry = self
            .values
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()));
        if let Some(table) = entry.as_table_mut() {
            table.insert(key.into(), value);
        }
        self.origins.insert((section.into(), key.into()), origin);
    }
}

fn flags(sections: &[Section], flags: &[String]) -> Result<Vec<Setting>, Failure> {
    flags
        .iter()
        .map(|flag| {
            let parts = flag
                .split_once('=')
                .and_then(|(name, text)| Some((name.split_once('.')?, text)));
            let Some(((section, key), text)) = parts else {
                let hint = "write --set section.key=value, such as --set api.listen=127.0.0.1:8080";
                return Err(Failure::usage(format!("`{flag}` sets nothing"), hint));
            };
            Setting::from_text(sections, section.trim(), key.trim(), text, Origin::Flag)
        })
        .collect()
}

/// Nothing where the value has the type that its key wants; otherwise a failure with the value's place.
fn fits(defaults: &Table, setting: &Setting) -> Result<(), Failure> {
    let mut trial = defaults.clone();
    if let Some(section) = trial
        .get_mut(&setting.section)
        .and_then(Value::as_table_mut)
    {
        section.insert(setting.key.clone(), setting.value.clone());
    }
    trial
        .try_into::<Config>()
        .map(|_| ())
        .map_err(|error: toml::de::Error| {
            let (section, key, origin) = (&setting.section, &setting.key, &setting.origin);
            let what = format!("{origin}: `{section}.{key}`: {}", error.message());
            Failure::new(&code::CLI_CONFIG, what)
        })
}
