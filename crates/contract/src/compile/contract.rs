//! A whole document, compiled.

use serde_json::Value;

use super::operation::{Compiled, Operation, OperationRef};
use super::route::{Found, Routes};
use super::schema::Schemas;
use super::view::{Direction, view};
use crate::document::{Document, RawOperation, operations};
use crate::error::ContractError;

/// How a document is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileOptions {
    /// Whether `format` is held against values. Off by default, as JSON Schema 2020-12 has it.
    pub formats: bool,
    /// Whether paths begin with the path of `servers`. Off for a gateway that takes the base path away itself. On by default.
    pub base_path: bool,
}

impl Default for CompileOptions {
    fn default() -> Self {
        Self {
            formats: false,
            base_path: true,
        }
    }
}

/// What a service promises, ready to be held against requests and responses. Cheap to ask, shared behind an `Arc`.
#[derive(Debug)]
pub struct Contract {
    routes: Routes,
    operations: Vec<Compiled>,
    warnings: Vec<String>,
}

impl Contract {
    /// Compiles with the default options.
    ///
    /// # Errors
    /// When a path, a parameter or a schema has the wrong form; the error names the JSON pointer.
    pub fn compile(document: &Document) -> Result<Self, ContractError> {
        Self::compile_with(document, CompileOptions::default())
    }

    /// Compiles with `options`.
    ///
    /// # Errors
    /// As [`Contract::compile`].
    pub fn compile_with(
        document: &Document,
        options: CompileOptions,
    ) -> Result<Self, ContractError> {
        let mut warnings = Vec::new();
        let mut schemas = |direction| {
            Schemas::new(
                view(document.value(), direction),
                options.formats,
                &mut warnings,
            )
        };
        let mut request = schemas(Direction::Request)?;
        let mut response = schemas(Direction::Response)?;
        let mut contract = Self {
            routes: Routes::default(),
            operations: Vec::new(),
            warnings,
        };
        for raw in operations(document) {
            let bases = if options.base_path {
                bases(&raw)
            } else {
                vec![String::new()]
            };
            let index = contract.operations.len();
            for base in &bases {
                let template = format!("{base}{}", raw.path);
                contract
                    .routes
                    .add(&template, &raw.method, index, &raw.pointer)?;
            }
            let template = format!("{}{}", bases.first().map_or("", String::as_str), raw.path);
            let compiled = Compiled::compile(
                &raw,
                template,
                &mut request,
                &mut response,
                &mut contract.warnings,
            )?;
            contract.operations.push(compiled);
        }
        contract.warnings.sort();
        contract.warnings.dedup();
        Ok(contract)
    }

    /// What of the document is not checked, and why: one sentence each, with a JSON pointer.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What the document says of an operation.
    ///
    /// # Panics
    /// When `operation` belongs to another contract that has more operations.
    #[must_use]
    pub fn operation(&self, operation: OperationRef) -> &Operation {
        &self.operations[operation.0].about
    }

    /// All operations, in the order of the document.
    pub fn operations(&self) -> impl Iterator<Item = (OperationRef, &Operation)> {
        self.operations
            .iter()
            .enumerate()
            .map(|(index, compiled)| (OperationRef(index), &compiled.about))
    }

    /// Whether the operation's request has a JSON body with a schema, so that the body must be read before it can be checked.
    #[must_use]
    pub fn needs_body(&self, operation: OperationRef) -> bool {
        let body = &self.operations[operation.0].body;
        body.as_ref().is_some_and(|body| body.media.has_validator())
    }

    pub(crate) fn compiled(&self, operation: OperationRef) -> &Compiled {
        &self.operations[operation.0]
    }

    pub(crate) fn find(&self, path: &str) -> Option<Found<'_>> {
        self.routes.find(path)
    }
}

/// The paths of the servers that count for an operation, without a slash at the end and without repetition.
fn bases(raw: &RawOperation<'_>) -> Vec<String> {
    let mut bases = Vec::new();
    for server in raw
        .servers
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(16)
    {
        let base = base(server);
        if !bases.contains(&base) {
            bases.push(base);
        }
    }
    if bases.is_empty() {
        bases.push(String::new());
    }
    bases
}

fn base(server: &Value) -> String {
    let mut address = server["url"].as_str().unwrap_or_default().to_owned();
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        let value = variable["default"].as_str().unwrap_or_default();
        address = address.replace(&format!("{{{name}}}"), value);
    }
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => address.as_str(),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/').trim_start_matches('.');
    if path.is_empty() || path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_base_path_comes_from_the_server() {
        for (server, expected) in [
            (json!({"url": "https://api.example.com/v1/"}), "/v1"),
            (json!({"url": "https://api.example.com"}), ""),
            (json!({"url": "/"}), ""),
            (json!({"url": "/v2"}), "/v2"),
            (json!({"url": "./v2"}), "/v2"),
            (
                json!({"url": "https://{host}/{base}", "variables": {"host": {"default": "h"}, "base": {"default": "b/c"}}}),
                "/b/c",
            ),
        ] {
            assert_eq!(base(&server), expected, "{server}");
        }
    }
}
