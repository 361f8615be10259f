//! From text to a document.

use serde_json::Value;

use super::{upgrade, verify};
use crate::error::ContractError;
use crate::limits;

/// An OpenAPI document that was read, converted to 3.1 where it was 3.0, and found to be within the limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    value: Value,
    operations: usize,
}

impl Document {
    /// Reads JSON (a text that begins with `{`) or YAML.
    ///
    /// # Errors
    /// When the text cannot be parsed, is not OpenAPI 3.0 or 3.1, is beyond a limit, refers to another document or has a wrong form.
    pub fn read(text: &str) -> Result<Self, ContractError> {
        if text.len() > limits::DOCUMENT_BYTES {
            return Err(ContractError::TooLarge(format!(
                "the document has {} bytes; {} are the most",
                text.len(),
                limits::DOCUMENT_BYTES
            )));
        }
        Self::from_value(parse(text)?)
    }

    /// Takes a document that is parsed already.
    ///
    /// # Errors
    /// As [`Document::read`], but for the syntax.
    pub fn from_value(mut value: Value) -> Result<Self, ContractError> {
        verify::depth(&value)?;
        if version(&value)? == Version::Old {
            upgrade::upgrade(&mut value);
        }
        let operations = verify::verify(&value)?;
        Ok(Self { value, operations })
    }

    /// The document, in the form of OpenAPI 3.1.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// The document, given away.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    /// `info.title`, or nothing.
    #[must_use]
    pub fn title(&self) -> &str {
        self.info("title")
    }

    /// `info.version`, or nothing.
    #[must_use]
    pub fn version(&self) -> &str {
        self.info("version")
    }

    /// How many operations the document has.
    #[must_use]
    pub const fn operations(&self) -> usize {
        self.operations
    }

    fn info(&self, field: &str) -> &str {
        self.value["info"][field].as_str().unwrap_or_default()
    }
}

fn parse(text: &str) -> Result<Value, ContractError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|error| ContractError::Syntax(error.to_string()));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: limits::DOCUMENT_DEPTH,
            max_documents: 1,
            max_total_scalar_bytes: 2 * limits::DOCUMENT_BYTES,
            max_recorded_anchor_bytes: limits::DOCUMENT_BYTES,
            max_aliases: 5_000,
            max_inclusion_depth: 0,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 200_000,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| ContractError::Syntax(error.to_string().chars().take(400).collect()))
}

#[derive(PartialEq, Eq)]
enum Version {
    Old,
    Current,
}

fn version(value: &Value) -> Result<Version, ContractError> {
    if value.get("swagger").is_some() {
        return Err(ContractError::Version("Swagger 2".to_owned()));
    }
    let version = match value.get("openapi") {
        Some(Value::String(text)) => text.clone(),
        // YAML reads an unquoted `3.1` as a number.
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(ContractError::Version("not an OpenAPI document".to_owned())),
    };
    let is = |series: &str| {
        version == series
            || version
                .strip_prefix(series)
                .is_some_and(|rest| rest.starts_with('.'))
    };
    if is("3.0") {
        Ok(Version::Old)
    } else if is("3.1") {
        Ok(Version::Current)
    } else {
        let short: String = version.chars().take(limits::ECHO).collect();
        Err(ContractError::Version(format!("OpenAPI {short}")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HEAD: &str = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n";

    #[test]
    fn json_and_yaml_are_the_same_document() {
        let yaml = Document::read(&format!(
            "{HEAD}paths:\n  /a:\n    get:\n      responses:\n        200: {{description: ok}}\n"
        ))
        .unwrap();
        let json = Document::read(&yaml.value().to_string()).unwrap();
        assert_eq!(yaml, json);
        assert_eq!(
            yaml.value()["paths"]["/a"]["get"]["responses"]["200"]["description"],
            "ok"
        );
        assert_eq!(
            (yaml.title(), yaml.version(), yaml.operations()),
            ("T", "1", 1)
        );
    }

    #[test]
    fn other_documents_are_refused_by_name() {
        for (text, says) in [
            ("swagger: '2.0'", "Swagger 2"),
            ("{\"openapi\": \"3.2.0\"}", "OpenAPI 3.2.0"),
            ("{\"openapi\": \"3.10.0\"}", "OpenAPI 3.10.0"),
            ("hello: 1", "not an OpenAPI document"),
        ] {
            let error = Document::read(text).unwrap_err();
            assert!(
                matches!(&error, ContractError::Version(text) if text == says),
                "{error}"
            );
        }
        assert!(matches!(
            Document::read("a: [").unwrap_err(),
            ContractError::Syntax(_)
        ));
        assert!(matches!(
            Document::read("{\"a\": ").unwrap_err(),
            ContractError::Syntax(_)
        ));
    }

    #[test]
    fn alias_bombs_depth_and_size_are_refused() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..9 {
            let items = vec![format!("*a{}", level - 1); 10].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert!(matches!(
            Document::read(&bomb).unwrap_err(),
            ContractError::Syntax(_)
        ));

        let deep = format!("{HEAD}x-a: {}{}", "[".repeat(100), "]".repeat(100));
        assert!(Document::read(&deep).is_err());
        let deep = format!(
            "{{\"openapi\":\"3.1.0\",\"x\":{}{}}}",
            "[".repeat(100),
            "]".repeat(100)
        );
        assert!(matches!(
            Document::read(&deep).unwrap_err(),
            ContractError::TooLarge(_)
        ));
        let large = format!(
            "{{\"openapi\":\"3.1.0\",\"x\":\"{}\"}}",
            "a".repeat(limits::DOCUMENT_BYTES)
        );
        assert!(matches!(
            Document::read(&large).unwrap_err(),
            ContractError::TooLarge(_)
        ));
    }

    #[test]
    fn version_three_point_zero_becomes_three_point_one() {
        let document = Document::from_value(json!({
            "openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {},
            "components": {"schemas": {"A": {"type": "string", "nullable": true}}}
        }))
        .unwrap();
        assert_eq!(document.value()["openapi"], "3.1.0");
        assert_eq!(
            document.value()["components"]["schemas"]["A"],
            json!({"type": ["string", "null"]})
        );
    }
}
