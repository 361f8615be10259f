//! What sections and keys there are, taken from the schema of [`Config`].

use schemars::generate::SchemaSettings;
use serde_json::Value;

use trunkline_platform::Config;

/// A section of the file.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Its keys, by name.
    pub keys: Vec<Key>,
}

/// A key of a section.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// What it says.
    pub description: String,
    /// What a value of it is.
    pub kind: Kind,
    /// Its default as JSON; null where there is none.
    pub default: Value,
    /// Whether its value is not for everybody's eyes: it has a `_file` sibling.
    pub secret: bool,
}

/// What a value of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    List,
    /// Members with names, or nothing.
    Table,
}

impl Kind {
    fn of(schema: &Value) -> Self {
        let named = |wanted: &str| match &schema["type"] {
            Value::String(name) => name == wanted,
            Value::Array(names) => names.iter().any(|name| name == wanted),
            _ => false,
        };
        let is_table = |part: &Value| part.get("properties").is_some();
        let parts = ["anyOf", "oneOf"]
            .iter()
            .filter_map(|of| schema[of].as_array());
        if is_table(schema) || parts.flatten().any(is_table) {
            return Self::Table;
        }
        let known = [
            ("integer", Self::Integer),
            ("number", Self::Number),
            ("boolean", Self::Boolean),
            ("array", Self::List),
        ];
        known
            .into_iter()
            .find_map(|(name, kind)| named(name).then_some(kind))
            .unwrap_or(Self::Text)
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "true or false",
            Self::List => "list",
            Self::Table => "table",
        }
    }
}

/// The JSON schema of the whole configuration, with nothing left to look up elsewhere.
pub fn schema() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<Config>();
    schema.to_value()
}

/// All sections, by name.
pub fn sections() -> Vec<Section> {
    let schema = schema();
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    let mut sections: Vec<Section> = entries(&schema)
        .map(|(name, section)| Section {
            keys: keys(section, &defaults[name]),
            description: description(section),
            name: name.clone(),
        })
        .collect();
    sections.sort_by(|a, b| a.name.cmp(&b.name));
    sections
}

fn keys(section: &Value, defaults: &Value) -> Vec<Key> {
    let names: Vec<&String> = entries(section).map(|(name, _)| name).collect();
    let mut keys: Vec<Key> = entries(section)
        .map(|(name, key)| Key {
            description: description(key),
            kind: Kind::of(key),
            default: defaults[name].clone(),
            secret: names.contains(&&format!("{name}_file")),
            name: name.clone(),
        })
        .collect();
    keys.sort_by(|a, b| a.name.cmp(&b.name));
    keys
}

fn entries(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn description(schema: &Value) -> String {
    schema["description"]
        .as_str()
        .unwrap_or_default()
        .replace('\n', " ")
}
