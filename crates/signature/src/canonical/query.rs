//! Queries.

use super::encode::{decoded, encoded};

/// The parameters as they were sent, each name and value still encoded.
pub(crate) fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// The parameters, names and values decoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    let text = |part: &str| String::from_utf8_lossy(&decoded(part)).into_owned();
    raw_pairs(query).map(move |(name, value)| (text(name), text(value)))
}

/// The parameters but those that `left_out` names, each encoded in the one right way, in the order of names and then of values.
pub(crate) fn query(raw: &str, left_out: &[&str]) -> String {
    let mut pairs: Vec<(String, String)> = raw_pairs(raw)
        .map(|(name, value)| (decoded(name), decoded(value)))
        .filter(|(name, _)| {
            left_out
                .iter()
                .all(|left_out| left_out.as_bytes() != &**name)
        })
        .map(|(name, value)| (encoded(&name, false), encoded(&value, false)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_one_order_and_one_encoding() {
        for (raw, wanted) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1&a", "a=&a=1&a=2"),
            ("a&&b=", "a=&b="),
            ("a=b=c", "a=b%3Dc"),
            ("A=1&a=2", "A=1&a=2"),
            ("%61=%2f&a=+", "a=%20&a=%2F"),
            ("f=$[*]", "f=%24%5B%2A%5D"),
            // The order is that of what is written, not of what it means.
            ("ab=1&a{=2", "a%7B=2&ab=1"),
        ] {
            assert_eq!(query(raw, &[]), wanted, "{raw}");
        }
        assert_eq!(query("a=1&X-Amz-Signature=2", &["X-Amz-Signature"]), "a=1");
    }
}
