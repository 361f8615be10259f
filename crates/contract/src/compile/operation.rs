//! One operation, compiled.

use std::sync::Arc;

use serde_json::Value;

use super::media::Media;
use super::parameter::{Parameter, Place};
use super::schema::Schemas;
use crate::document::RawOperation;
use crate::error::ContractError;
use crate::pointer::{follow_at, join};

/// Names an operation of one contract. Valid for that contract only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OperationRef(pub(crate) usize);

/// What the document says of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// `operationId`, where there is one.
    pub id: Option<String>,
    /// In capitals.
    pub method: String,
    /// With the base path, such as `/v1/pets/{id}`.
    pub path_template: String,
    /// Whether it is deprecated.
    pub deprecated: bool,
}

/// An operation with its validators.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) about: Operation,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: Vec<(StatusKey, Response)>,
}

#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) required: bool,
    pub(crate) media: Media,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) headers: Vec<Parameter>,
    pub(crate) media: Media,
}

/// `200`, `4XX` or `default`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusKey {
    Exact(u16),
    Class(u16),
    Default,
}

impl StatusKey {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Default);
        }
        let class = text.strip_suffix("XX").or_else(|| text.strip_suffix("xx"));
        match class {
            Some(class) => class
                .parse()
                .ok()
                .filter(|class| (1..=5).contains(class))
                .map(Self::Class),
            None => text
                .parse()
                .ok()
                .filter(|status| (100..600).contains(status))
                .map(Self::Exact),
        }
    }
}

impl Compiled {
    /// Compiles `raw` from the two views of the document.
    pub(crate) fn compile(
        raw: &RawOperation<'_>,
        path_template: String,
        request: &mut Schemas,
        response: &mut Schemas,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ContractError> {
        let mut parameters = Vec::with_capacity(raw.parameters.len());
        for (parameter, at) in &raw.parameters {
            parameters.extend(Parameter::compile(parameter, at, request, warnings)?);
        }
        let about = Operation {
            id: raw.value["operationId"].as_str().map(str::to_owned),
            method: raw.method.clone(),
            path_template,
            deprecated: raw.value["deprecated"] == Value::Bool(true),
        };
        Ok(Self {
            about,
            parameters,
            body: body(raw, request)?,
            responses: responses(raw, response, warnings)?,
        })
    }

    /// The response that counts for `status`: exact, then by class, then the default.
    pub(crate) fn response(&self, status: u16) -> Option<&Response> {
        [
            StatusKey::Exact(status),
            StatusKey::Class(status / 100),
            StatusKey::Default,
        ]
        .iter()
        .find_map(|wanted| self.responses.iter().find(|(key, _)| key == wanted))
        .map(|(_, response)| response)
    }
}

fn body(raw: &RawOperation<'_>, schemas: &mut Schemas) -> Result<Option<Body>, ContractError> {
    let Some(body) = raw.value.get("requestBody") else {
        return Ok(None);
    };
    let root = Arc::clone(schemas.root());
    let Some((body, at)) = follow_at(&root, body, &join(&raw.pointer, "requestBody")) else {
        return Ok(None);
    };
    Ok(Some(Body {
        required: body["required"] == Value::Bool(true),
        media: Media::compile(body.get("content"), &join(&at, "content"), schemas)?,
    }))
}

fn responses(
    raw: &RawOperation<'_>,
    schemas: &mut Schemas,
    warnings: &mut Vec<String>,
) -> Result<Vec<(StatusKey, Response)>, ContractError> {
    let mut found = Vec::new();
    let declared = raw.value.get("responses").and_then(Value::as_object);
    let pointer = join(&raw.pointer, "responses");
    for (key, response) in declared.into_iter().flatten() {
        if key.starts_with("x-") {
            continue;
        }
        let at = join(&pointer, key);
        let status = StatusKey::parse(key).ok_or_else(|| {
            ContractError::shape(&at, "a response is a status such as 200, 4XX or default")
        })?;
        let root = Arc::clone(schemas.root());
        let Some((response, at)) = follow_at(&root, response, &at) else {
            continue;
        };
        let mut headers = Vec::new();
        for (name, header) in response
            .get("headers")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if name.eq_ignore_ascii_case("content-type") {
                continue;
            }
            let at = join(&join(&at, "headers"), name);
            if let Some((header, at)) = follow_at(&root, header, &at) {
                headers.push(Parameter::of(
                    name,
                    Place::Header,
                    header,
                    &at,
                    schemas,
                    warnings,
                )?);
            }
        }
        let media = Media::compile(response.get("content"), &join(&at, "content"), schemas)?;
        found.push((status, Response { headers, media }));
    }
    Ok(found)
}
