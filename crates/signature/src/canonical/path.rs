//! Paths.

use super::encode::encoded;

/// The path without `.`, `..` and doubled slashes, encoded once more. What the client encoded already is then encoded twice.
pub(crate) fn path(raw: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in raw.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let end = if raw.ends_with('/') && !parts.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", encoded(parts.join("/").as_bytes(), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleared_and_encoded_twice() {
        for (raw, wanted) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/example/..", "/"),
            ("/example1/example2/../..", "/"),
            ("/./", "/"),
            ("/./example", "/example"),
            ("//example//", "/example/"),
            ("/../../a", "/a"),
            ("/a/b/../c/", "/a/c/"),
            ("/things/a%3Ab/shadow", "/things/a%253Ab/shadow"),
            ("/topics/$aws/a b", "/topics/%24aws/a%20b"),
            ("/\u{1234}", "/%E1%88%B4"),
            ("/...", "/..."),
        ] {
            assert_eq!(path(raw), wanted, "{raw}");
        }
    }
}
