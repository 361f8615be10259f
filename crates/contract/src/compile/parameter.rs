//! Parameters: where they stand, how they are written, and what they may be.

use serde_json::Value;

use super::schema::{Schemas, Validator};
use crate::error::ContractError;
use crate::pointer::follow;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

impl Place {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// How a value with several parts is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Parts behind commas, or behind spaces or bars.
    Separated(char),
    /// Parts as parameters of their own (`form` with `explode`).
    Exploded,
    /// `a=1,b=2` in one value (`simple` with `explode`).
    Pairs,
    /// JSON text (`content` instead of `schema`).
    Json,
    /// A style that is not checked; a warning was given.
    Unchecked,
}

/// The types that a schema may let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Types {
    pub(crate) null: bool,
    pub(crate) boolean: bool,
    pub(crate) number: bool,
    pub(crate) string: bool,
    pub(crate) array: bool,
    pub(crate) object: bool,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) style: Style,
    pub(crate) allow_empty: bool,
    pub(crate) types: Types,
    /// Types of the items of an array.
    pub(crate) items: Types,
    /// Names and types of the properties of an object.
    pub(crate) properties: Vec<(String, Types)>,
    pub(crate) validator: Option<Validator>,
}

impl Parameter {
    /// Reads the parameter at `pointer`; nothing for a header that OpenAPI says is not a parameter.
    pub(crate) fn compile(
        raw: &Value,
        pointer: &str,
        schemas: &mut Schemas,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Self>, ContractError> {
        let name = raw["name"]
            .as_str()
            .ok_or_else(|| ContractError::shape(pointer, "a parameter needs a name"))?;
        let place = match raw["in"].as_str() {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("header") => Place::Header,
            Some("cookie") => Place::Cookie,
            _ => {
                let problem = "`in` is one of path, query, header and cookie";
                return Err(ContractError::shape(pointer, problem));
            }
        };
        let ignored = ["accept", "content-type", "authorization"];
        if place == Place::Header && ignored.contains(&name.to_ascii_lowercase().as_str()) {
            return Ok(None);
        }
        Self::of(name, place, raw, pointer, schemas, warnings).map(Some)
    }

    /// Reads a parameter or a response's header, whose name and place stand elsewhere.
    pub(crate) fn of(
        name: &str,
        place: Place,
        raw: &Value,
        pointer: &str,
        schemas: &mut Schemas,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ContractError> {
        let mut style = style(place, raw);
        if style == Style::Unchecked {
            let named = raw["style"].as_str().unwrap_or_default();
            warnings.push(format!("{pointer}: the style {named} is not checked"));
        }
        let mut at = raw.get("schema").map(|_| format!("{pointer}/schema"));
        if at.is_none()
            && let Some(content) = raw.get("content").and_then(Value::as_object)
        {
            let json = content.get_key_value("application/json");
            at = json
                .filter(|(_, medium)| medium.get("schema").is_some())
                .map(|_| format!("{pointer}/content/application~1json/schema"));
            style = if at.is_some() {
                Style::Json
            } else {
                Style::Unchecked
            };
        }
        let validator = match (&at, style) {
            (None, _) | (_, Style::Unchecked) => None,
            (Some(at), _) => Some(schemas.compile(at)?),
        };
        let (root, schema) = (
            schemas.root(),
            at.as_deref().and_then(|at| schemas.root().pointer(at)),
        );
        let schema = schema.unwrap_or(&Value::Bool(true));
        Ok(Self {
            name: name.to_owned(),
            place,
            required: place == Place::Path || raw["required"] == Value::Bool(true),
            style,
            allow_empty: raw["allowEmptyValue"] == Value::Bool(true),
            types: types(root, schema, 0),
            items: find(root, schema, "items", 0)
                .map_or_else(Types::all, |items| types(root, items, 0)),
            properties: properties(root, schema),
            validator,
        })
    }
}

fn style(place: Place, raw: &Value) -> Style {
    let default = match place {
        Place::Path | Place::Header => "simple",
        Place::Query | Place::Cookie => "form",
    };
    let named = raw["style"].as_str().unwrap_or(default);
    let explode = raw["explode"].as_bool().unwrap_or(named == "form");
    match (named, explode) {
        ("form" | "simple", false) => Style::Separated(','),
        ("simple", true) => Style::Pairs,
        ("spaceDelimited", false) => Style::Separated(' '),
        ("pipeDelimited", false) => Style::Separated('|'),
        ("form" | "spaceDelimited" | "pipeDelimited", true) => Style::Exploded,
        _ => Style::Unchecked,
    }
}

impl Types {
    pub(crate) const fn all() -> Self {
        Self {
            null: true,
            boolean: true,
            number: true,
            string: true,
            array: true,
            object: true,
        }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            null: self.null && other.null,
            boolean: self.boolean && other.boolean,
            number: self.number && other.number,
            string: self.string && other.string,
            array: self.array && other.array,
            object: self.object && other.object,
        }
    }

    const fn or(self, other: Self) -> Self {
        Self {
            null: self.null || other.null,
            boolean: self.boolean || other.boolean,
            number: self.number || other.number,
            string: self.string || other.string,
            array: self.array || other.array,
            object: self.object || other.object,
        }
    }

    fn add(&mut self, name: &str) {
        match name {
            "null" => self.null = true,
            "boolean" => self.boolean = true,
            "number" | "integer" => self.number = true,
            "string" => self.string = true,
            "array" => self.array = true,
            "object" => self.object = true,
            _ => {}
        }
    }

    fn of_values<'a>(values: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut types = Self::default();
        for value in values {
            types.add(match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            });
        }
        types
    }
}

/// The types that `schema` may let through: never too few.
pub(crate) fn types(root: &Value, schema: &Value, depth: usize) -> Types {
    let Some(object) = schema.as_object() else {
        return Types::all();
    };
    if depth > 16 {
        return Types::all();
    }
    let mut found = match object.get("type") {
        Some(Value::String(name)) => {
            let mut types = Types::default();
            types.add(name);
            types
        }
        Some(Value::Array(names)) => {
            let mut types = Types::default();
            names
                .iter()
                .filter_map(Value::as_str)
                .for_each(|name| types.add(name));
            types
        }
        _ => Types::all(),
    };
    if let Some(Value::Array(values)) = object.get("enum") {
        found = found.and(Types::of_values(values));
    }
    if let Some(value) = object.get("const") {
        found = found.and(Types::of_values([value]));
    }
    if object.contains_key("$ref")
        && let Some(target) = object["$ref"]
            .as_str()
            .and_then(|text| crate::pointer::local(root, text))
    {
        found = found.and(types(root, target, depth + 1));
    }
    for branch in object
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        found = found.and(types(root, branch, depth + 1));
    }
    for word in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = object.get(word) {
            let any = branches.iter().fold(Types::default(), |any, branch| {
                any.or(types(root, branch, depth + 1))
            });
            found = found.and(any);
        }
    }
    found
}

/// The first `word` in a schema, its references and its branches.
fn find<'a>(root: &'a Value, schema: &'a Value, word: &str, depth: usize) -> Option<&'a Value> {
    let schema = follow(root, schema)?;
    if depth > 8 || schema.get(word).is_some() {
        return schema.get(word);
    }
    ["allOf", "anyOf", "oneOf"]
        .iter()
        .filter_map(|combined| schema.get(*combined)?.as_array())
        .flatten()
        .find_map(|branch| find(root, branch, word, depth + 1))
}

fn properties(root: &Value, schema: &Value) -> Vec<(String, Types)> {
    find(root, schema, "properties", 0)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), types(root, schema, 0)))
        .collect()
}
