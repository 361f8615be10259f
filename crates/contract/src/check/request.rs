//! A request held against a contract.

use http::HeaderMap;

use super::coerce::{self, Text};
use super::query;
use super::violation::{Mismatch, Violations};
use crate::compile::{Compiled, Contract, Found, OperationRef, Parameter, Place, Style};

/// The operation that a request belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The operation; [`Contract::operation`] says more of it.
    pub operation: OperationRef,
    /// Its path with the names of parameters, such as `/v1/pets/{id}`.
    pub path_template: String,
    /// The parameters of the path, decoded.
    pub path_params: Vec<(String, String)>,
}

impl Contract {
    /// Finds the operation of a request by its method and path (percent-encoded, without the query). Looks at nothing else.
    ///
    /// # Errors
    /// `Undocumented` or `Method`.
    pub fn match_operation(&self, method: &str, path: &str) -> Result<Matched, Mismatch> {
        let (found, index) = self.locate(method, path)?;
        Ok(Matched {
            operation: OperationRef(index),
            path_template: found.template.to_owned(),
            path_params: found
                .parameters
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        })
    }

    /// Holds a request against its operation.
    ///
    /// `path` is percent-encoded and `query` comes without its `?`. `body` is nothing when it was not read (see
    /// [`Contract::needs_body`]): then only its media type is looked at. An empty slice is a request without a body.
    ///
    /// # Errors
    /// What does not fit: no such path, no such method, or up to 16 violations.
    pub fn check_request(
        &self,
        method: &str,
        path: &str,
        query: Option<&str>,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Result<Matched, Mismatch> {
        let matched = self.match_operation(method, path)?;
        let compiled = self.compiled(matched.operation);
        let mut violations = Violations::default();
        let request = Request {
            path: &matched.path_params,
            query: query.unwrap_or_default(),
            headers,
        };
        for parameter in &compiled.parameters {
            request.check(parameter, &mut violations);
        }
        check_body(compiled, headers, body, &mut violations);
        let violations = violations.into_vec();
        if violations.is_empty() {
            Ok(matched)
        } else {
            Err(Mismatch::Violations { violations })
        }
    }

    fn locate(&self, method: &str, path: &str) -> Result<(Found<'_>, usize), Mismatch> {
        let found = self.find(path).ok_or(Mismatch::Undocumented)?;
        let of = |wanted: &str| {
            found
                .methods
                .iter()
                .find(|(known, _)| known == wanted)
                .map(|(_, index)| *index)
        };
        // A HEAD is a GET without a body, documented or not (RFC 9110, 9.3.2).
        let index = of(method).or_else(|| if method == "HEAD" { of("GET") } else { None });
        match index {
            Some(index) => Ok((found, index)),
            None => Err(Mismatch::Method {
                allowed: found
                    .methods
                    .iter()
                    .map(|(known, _)| known.clone())
                    .collect(),
            }),
        }
    }
}

struct Request<'a> {
    path: &'a [(String, String)],
    query: &'a str,
    headers: &'a HeaderMap,
}

impl Request<'_> {
    fn check(&self, parameter: &Parameter, violations: &mut Violations) {
        let place = format!("{}.{}", parameter.place.name(), parameter.name);
        match self.text(parameter) {
            None if parameter.required => {
                violations.add(&place, "required", "the parameter is missing");
            }
            None => {}
            Some(text) => check_text(parameter, &text, &place, violations),
        }
    }

    fn text(&self, parameter: &Parameter) -> Option<Text> {
        let plain = |text: &str| Text::One {
            decoded: text.to_owned(),
            raw: None,
        };
        match parameter.place {
            Place::Path => {
                let found = self.path.iter().find(|(name, _)| *name == parameter.name);
                found.map(|(_, value)| plain(value))
            }
            Place::Header => header_text(self.headers, &parameter.name).map(|text| plain(&text)),
            Place::Cookie => query::cookie(self.headers, &parameter.name).map(|text| Text::One {
                decoded: query::decode(text),
                raw: Some(text.to_owned()),
            }),
            Place::Query => self.query_text(parameter),
        }
    }

    fn query_text(&self, parameter: &Parameter) -> Option<Text> {
        if parameter.style == Style::Exploded && parameter.types.object && !parameter.types.string {
            let pairs: Vec<_> = query::pairs(self.query)
                .into_iter()
                .filter(|(name, _)| parameter.properties.iter().any(|(known, _)| known == name))
                .collect();
            return (!pairs.is_empty()).then_some(Text::Many(pairs));
        }
        let raw = query::raw(self.query, &parameter.name);
        let several = raw.len() > 1 || (parameter.types.array && !parameter.types.string);
        match raw.as_slice() {
            [] => None,
            raw if parameter.style == Style::Exploded && several => Some(Text::Many(
                raw.iter()
                    .map(|text| (parameter.name.clone(), query::decode(text)))
                    .collect(),
            )),
            raw => raw.last().map(|text| Text::One {
                decoded: query::decode(text),
                raw: Some((*text).to_owned()),
            }),
        }
    }
}

/// The lines of a header as one text.
pub(super) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// Holds the text of a parameter against its schema: one of the meanings of the text must be good.
pub(super) fn check_text(
    parameter: &Parameter,
    text: &Text,
    place: &str,
    violations: &mut Violations,
) {
    let Some(validator) = &parameter.validator else {
        return;
    };
    let empty = matches!(text, Text::One { decoded, .. } if decoded.is_empty());
    if empty && parameter.allow_empty {
        return;
    }
    let values = coerce::values(parameter, text);
    if values.iter().any(|value| validator.is_valid(value)) {
        return;
    }
    match values.first() {
        None => violations.add(
            place,
            "format",
            "the value cannot be read, or has too many parts",
        ),
        Some(value) => violations.validate(validator, value, place),
    }
}

fn check_body(
    compiled: &Compiled,
    headers: &HeaderMap,
    bytes: Option<&[u8]>,
    violations: &mut Violations,
) {
    // A body that the document does not speak of is the service's affair.
    let Some(body) = &compiled.body else {
        return;
    };
    if bytes.is_some_and(<[u8]>::is_empty) {
        if body.required {
            violations.add("body", "required", "the body is missing");
        }
        return;
    }
    super::response::check_media(&body.media, headers, bytes, violations);
}
