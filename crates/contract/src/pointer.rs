//! JSON pointers (RFC 6901) and the references of a document.

use serde_json::Value;

use crate::limits::REFERENCE_CHAIN;

/// `token` as a part of a JSON pointer.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// `pointer` with `token` behind it.
pub(crate) fn join(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", escape(token))
}

/// The text that `pointer` has as a fragment of an address: only what RFC 3986 lets stand there stands plain.
pub(crate) fn fragment(pointer: &str) -> String {
    let mut text = String::with_capacity(pointer.len() + 1);
    text.push('#');
    for byte in pointer.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte);
        if plain {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The text behind percent signs; what is not well-formed stays as it is, and what is no UTF-8 gets replacement characters.
pub(crate) fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let pair = bytes
            .get(index + 1..index + 3)
            .filter(|pair| bytes[index] == b'%' && pair.iter().all(u8::is_ascii_hexdigit))
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        if let Some(byte) = pair {
            decoded.push(byte);
            index += 3;
        } else {
            decoded.push(bytes[index]);
            index += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// What a local reference (`#/...`) names, if it is there.
pub(crate) fn local<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let fragment = reference.strip_prefix('#')?;
    root.pointer(&percent_decode(fragment))
}

/// `value`, or what stands at the end of its references; nothing when they lead nowhere or in a circle.
pub(crate) fn follow<'a>(root: &'a Value, value: &'a Value) -> Option<&'a Value> {
    let mut value = value;
    for _ in 0..=REFERENCE_CHAIN {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => value = local(root, reference)?,
            None => return Some(value),
        }
    }
    None
}

/// Like [`follow`], with the pointer to where the value stands.
pub(crate) fn follow_at<'a>(
    root: &'a Value,
    value: &'a Value,
    pointer: &str,
) -> Option<(&'a Value, String)> {
    match value.get("$ref").and_then(Value::as_str) {
        None => Some((value, pointer.to_owned())),
        Some(_) => {
            let mut value = value;
            let mut pointer = pointer.to_owned();
            for _ in 0..=REFERENCE_CHAIN {
                match value.get("$ref").and_then(Value::as_str) {
                    Some(reference) => {
                        value = local(root, reference)?;
                        pointer = percent_decode(reference.strip_prefix('#')?);
                    }
                    None => return Some((value, pointer)),
                }
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_followed_and_circles_end() {
        let root =
            json!({"a": {"$ref": "#/b~1c"}, "b/c": 7, "x": {"$ref": "#/y"}, "y": {"$ref": "#/x"}});
        assert_eq!(follow(&root, &root["a"]), Some(&json!(7)));
        assert_eq!(follow(&root, &root["x"]), None);
        assert_eq!(
            follow_at(&root, &root["a"], "/a"),
            Some((&json!(7), "/b~1c".to_owned()))
        );
    }

    #[test]
    fn fragments_and_percent_signs_are_each_others_reverse() {
        let pointer = "/paths/~1a~1{id}/x y/ü";
        let text = fragment(pointer);
        assert!(text.is_ascii() && !text.contains('{'), "{text}");
        assert_eq!(percent_decode(&text[1..]), pointer);
        assert_eq!(percent_decode("100%"), "100%");
        assert_eq!(percent_decode("%zz%2"), "%zz%2");
    }
}
