//! Headers.

use crate::{Request, SignatureError};

/// A line for each of `signed`, which are in lower case and in order.
pub(crate) fn headers(request: &Request<'_>, signed: &[String]) -> Result<Vec<u8>, SignatureError> {
    let mut lines = Vec::new();
    for name in signed {
        lines.extend_from_slice(name.as_bytes());
        let mut before = b':';
        for value in request.values(name) {
            lines.push(before);
            folded(value, &mut lines);
            before = b',';
        }
        if before == b':' {
            return Err(SignatureError::Coverage(format!(
                "the header `{name}` is signed and not in the request"
            )));
        }
        lines.push(b'\n');
    }
    Ok(lines)
}

/// The value without blanks around it, and with one blank where there are several.
fn folded(value: &[u8], lines: &mut Vec<u8>) {
    let words = value
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        if place > 0 {
            lines.push(b' ');
        }
        lines.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_folded_and_united() {
        let request = Request {
            method: "GET",
            path: "/",
            query: "",
            headers: &[
                ("My-Header", b"  a   b\t c \r\n d "),
                ("Host", b"example.com"),
                ("my-header", b"e"),
                ("empty", b""),
                ("other", b"x"),
            ],
        };
        let signed: Vec<String> = ["empty", "host", "my-header"].map(Into::into).into();
        assert_eq!(
            headers(&request, &signed).unwrap(),
            b"empty:\nhost:example.com\nmy-header:a b c d,e\n"
        );
        let missing = headers(&request, &["none".into()]).unwrap_err();
        assert_eq!(missing.name(), "InvalidSignatureException");
    }
}
