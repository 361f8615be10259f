//! CloudEvents in binary mode: the attributes in headers, the data in the body.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use trunkline_model::code;

use super::events::{read_one, text_of};
use super::{Collected, MaySend};
use crate::error::Refusal;
use crate::json;
use crate::limits::{Limits, TimeWindow};

/// What the headers of attributes begin with.
const PREFIX: &str = "ce-";

/// Whether a request is a CloudEvent in binary mode.
pub(crate) fn is_binary(headers: &HeaderMap) -> bool {
    headers.contains_key("ce-specversion") || headers.contains_key("ce-id")
}

/// Reads a request that is one event; it is kept in the structured form.
///
/// # Errors
/// A refusal where a header cannot be read, or the body is not what its content type says.
pub(crate) fn read(
    headers: &HeaderMap,
    body: &[u8],
    limits: Limits,
    window: TimeWindow,
    may_send: MaySend<'_>,
) -> Result<Collected, Refusal> {
    let mut event = String::with_capacity(body.len() * 4 / 3 + 512);
    event.push('{');
    for (name, value) in headers {
        if let Some(name) = name.as_str().strip_prefix(PREFIX) {
            let value = decode(value.as_bytes()).ok_or_else(|| not_text(name))?;
            write_attribute(name, &value, &mut event);
        }
    }
    let content_type = match headers.get(header::CONTENT_TYPE) {
        Some(value) => Some(value.to_str().map_err(|_| not_text("datacontenttype"))?),
        None => None,
    };
    if let Some(content_type) = content_type {
        write_attribute("datacontenttype", content_type, &mut event);
    }
    write_data(content_type, body, limits, &mut event)?;
    // Every member above ends in a comma.
    if event.ends_with(',') {
        event.pop();
    }
    event.push('}');
    Ok(read_one(&Bytes::from(event), limits, window, may_send))
}

fn write_attribute(name: &str, value: &str, event: &mut String) {
    json::write_string(name, event);
    event.push(':');
    json::write_string(value, event);
    event.push(',');
}

fn write_data(
    content_type: Option<&str>,
    body: &[u8],
    limits: Limits,
    event: &mut String,
) -> Result<(), Refusal> {
    if body.is_empty() {
        return Ok(());
    }
    if content_type.is_none_or(is_json) {
        let text = text_of(body)?;
        json::check(text, limits.depth)?;
        event.push_str("\"data\":");
        event.push_str(text);
    } else {
        event.push_str("\"data_base64\":\"");
        STANDARD.encode_string(body, event);
        event.push('"');
    }
    event.push(',');
    Ok(())
}

/// Whether a media type is JSON, as CloudEvents judges it.
pub(crate) fn is_json(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    let subtype = media.split_once('/').map_or("", |(_, subtype)| subtype);
    subtype.eq_ignore_ascii_case("json") || subtype.to_ascii_lowercase().ends_with("+json")
}

fn not_text(name: &str) -> Refusal {
    let detail = format!("the header of the attribute `{name}` is not text");
    Refusal::new(&code::INGEST_ATTRIBUTE, detail)
}

/// Undoes the percent-encoding of a header's value; none where the result is not UTF-8.
fn decode(value: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        let encoded = (*byte == b'%')
            .then(|| hex(value.get(at + 1..at + 3)?))
            .flatten();
        bytes.push(encoded.unwrap_or(*byte));
        at += if encoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8(bytes).ok()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let [high, low] = digits else { return None };
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone() {
        assert_eq!(
            decode(b"Euro%20%E2%82%AC%20%F0%9F%98%80").as_deref(),
            Some("Euro € 😀")
        );
        assert_eq!(decode(b"100% %zz %4").as_deref(), Some("100% %zz %4"));
        assert_eq!(decode(b"%ff"), None);
    }

    #[test]
    fn json_is_known_by_its_subtype() {
        assert!(is_json("application/json; charset=utf-8"));
        assert!(is_json("application/vnd.acme+JSON"));
        assert!(!is_json("text/plain"));
        assert!(!is_json("application/jsonlines"));
    }
}
