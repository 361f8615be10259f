//! Names and values out of a query and out of cookies.

use crate::pointer::percent_decode;

/// The pairs of a query, decoded, in their order.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// The raw values of `name` in a query: still encoded, so that a separator within a value is told from one between values.
pub(super) fn raw<'a>(query: &'a str, name: &str) -> Vec<&'a str> {
    query
        .split('&')
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key) == name).then_some(value)
        })
        .collect()
}

/// Decodes one part of a query.
pub(super) fn decode(text: &str) -> String {
    percent_decode(&text.replace('+', " "))
}

/// The value of the cookie `name`.
pub(super) fn cookie<'a>(headers: &'a http::HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(http::header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
