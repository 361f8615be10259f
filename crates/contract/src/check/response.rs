//! A response held against a contract.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::coerce::Text;
use super::request::{check_text, header_text};
use super::violation::{Violation, Violations};
use crate::compile::{Contract, Media, OperationRef, essence};

impl Contract {
    /// Holds a response against its operation. `body` is nothing when it was not read, and empty for an answer without one.
    ///
    /// # Errors
    /// Up to 16 violations.
    pub fn check_response(
        &self,
        operation: OperationRef,
        status: u16,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::default();
        match self.compiled(operation).response(status) {
            // 304 and the answers to HEAD have no body; informational answers belong to the protocol.
            None if status == 304 || status < 200 => {}
            None => violations.add(
                "status",
                "status",
                format!("the status {status} is not documented"),
            ),
            Some(response) => {
                for header in &response.headers {
                    let place = format!("header.{}", header.name);
                    match header_text(headers, &header.name) {
                        None if header.required => {
                            violations.add(&place, "required", "the header is missing");
                        }
                        None => {}
                        Some(text) => {
                            let text = Text::One {
                                decoded: text,
                                raw: None,
                            };
                            check_text(header, &text, &place, &mut violations);
                        }
                    }
                }
                if body.is_none_or(|body| !body.is_empty()) && !response.media.is_empty() {
                    check_media(&response.media, headers, body, &mut violations);
                }
            }
        }
        let violations = violations.into_vec();
        if violations.is_empty() {
            Ok(())
        } else {
            Err(violations)
        }
    }
}

/// Holds a body against the declared media types, and JSON against its schema.
pub(super) fn check_media(
    media: &Media,
    headers: &HeaderMap,
    bytes: Option<&[u8]>,
    violations: &mut Violations,
) {
    let named = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let medium = match named {
        Some(named) => media.find(&essence(named)),
        // Without a body at hand, no type says nothing: there may be no body at all.
        None if bytes.is_none() => return,
        None => media.only(),
    };
    let Some(medium) = medium else {
        if !media.is_empty() {
            let text = format!("the media type is not one of: {}", media.names());
            violations.add("content-type", "content-type", text);
        }
        return;
    };
    let (Some(validator), Some(bytes)) = (&medium.validator, bytes) else {
        return;
    };
    match serde_json::from_slice(bytes) {
        Ok(value) => violations.validate(validator, &value, "body"),
        Err(error) => {
            let text = format!(
                "the body is not JSON (line {}, column {})",
                error.line(),
                error.column()
            );
            violations.add("body", "json", text);
        }
    }
}
