//! Validators of the schemas in a document, compiled on demand and shared.

use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Registry};
use serde_json::{Value, json};

use crate::error::ContractError;
use crate::limits::PATTERN_BYTES;
use crate::pointer::{follow_at, fragment, join};

/// A compiled schema.
pub(crate) type Validator = Arc<jsonschema::Validator>;

const BASE: &str = "urn:trunkline:document";

/// Compiles the schemas of one view of a document.
pub(crate) struct Schemas {
    registry: Registry<'static>,
    root: Arc<Value>,
    formats: bool,
    compiled: HashMap<String, Validator>,
}

impl Schemas {
    /// `warnings` gets a sentence for each pattern that cannot be checked in linear time.
    pub(crate) fn new(
        mut root: Value,
        formats: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ContractError> {
        drop_patterns(&mut root, "", warnings);
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .retriever(Nowhere)
            .add(BASE, root.clone())
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(|error| ContractError::shape("", error.to_string()))?;
        Ok(Self {
            registry,
            root: Arc::new(root),
            formats,
            compiled: HashMap::new(),
        })
    }

    /// The view that the schemas are taken from.
    pub(crate) const fn root(&self) -> &Arc<Value> {
        &self.root
    }

    /// The validator of the schema at `pointer`.
    pub(crate) fn compile(&mut self, pointer: &str) -> Result<Validator, ContractError> {
        // A schema that only refers to another shares its validator.
        let pointer = self
            .root
            .pointer(pointer)
            .filter(|schema| schema.as_object().is_some_and(|object| object.len() == 1))
            .and_then(|schema| follow_at(&self.root, schema, pointer))
            .map_or_else(|| pointer.to_owned(), |(_, at)| at);
        if let Some(validator) = self.compiled.get(&pointer) {
            return Ok(Arc::clone(validator));
        }
        let refuse = |problem: String| ContractError::Schema {
            pointer: pointer.clone(),
            problem: problem.chars().take(400).collect(),
        };
        if let Some(schema) = self.root.pointer(&pointer)
            && let Err(error) = jsonschema::draft202012::meta::validate(schema)
        {
            let at = error.instance_path().to_string();
            return Err(refuse(format!("{at}: {error}")));
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES))
            .should_validate_formats(self.formats)
            .build(&json!({"$ref": format!("{BASE}{}", fragment(&pointer))}))
            .map_err(|error| refuse(error.to_string()))?;
        let validator = Arc::new(validator);
        self.compiled.insert(pointer, Arc::clone(&validator));
        Ok(validator)
    }
}

/// Nothing is fetched, whatever a document says.
struct Nowhere;

impl jsonschema::Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("{uri} is outside the document").into())
    }
}

/// Whether the linear-time engine takes `pattern`.
fn is_linear(pattern: &str) -> bool {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES))
        .build(&json!({"pattern": pattern}))
        .is_ok()
}

/// Takes out the patterns with look-around or back-references: those need an engine that an attacker can keep busy.
fn drop_patterns(value: &mut Value, at: &str, warnings: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                drop_patterns(item, &format!("{at}/{index}"), warnings);
            }
        }
        Value::Object(object) => {
            let bad =
                matches!(object.get("pattern"), Some(Value::String(text)) if !is_linear(text));
            if bad {
                object.remove("pattern");
                warnings.push(format!(
                    "{at}/pattern: not checked, it is no regular expression of linear time"
                ));
            }
            if let Some(Value::Object(patterns)) = object.get_mut("patternProperties") {
                patterns.retain(|pattern, _| {
                    let good = is_linear(pattern);
                    if !good {
                        warnings.push(format!("{at}/patternProperties: one pattern is not checked, it is not of linear time"));
                    }
                    good
                });
            }
            for (key, child) in object.iter_mut() {
                if !matches!(
                    key.as_str(),
                    "example" | "examples" | "default" | "enum" | "const"
                ) {
                    drop_patterns(child, &join(at, key), warnings);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_can_blow_up_are_not_used() {
        let mut warnings = Vec::new();
        let root = json!({"A": {"pattern": "^(?=a)b"}, "B": {"pattern": "^(a+)+$"}, "C": {"patternProperties": {"(a)\\1": true}}});
        let mut schemas = Schemas::new(root, false, &mut warnings).unwrap();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(schemas.compile("/A").unwrap().is_valid(&json!("x")));
        let begun = std::time::Instant::now();
        let evil = json!(format!("{}!", "a".repeat(100_000)));
        assert!(!schemas.compile("/B").unwrap().is_valid(&evil));
        assert!(begun.elapsed() < std::time::Duration::from_secs(2));
    }

    #[test]
    fn a_broken_schema_is_named() {
        let mut schemas =
            Schemas::new(json!({"A": {"type": "strng"}}), false, &mut Vec::new()).unwrap();
        let error = schemas.compile("/A").unwrap_err();
        assert!(
            matches!(&error, ContractError::Schema { pointer, .. } if pointer == "/A"),
            "{error}"
        );
    }
}
