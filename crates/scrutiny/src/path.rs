//! The one form of a path that is routed and sent on.

use std::borrow::Cow;

use super::Refusal;

/// The path as routes see it and as it is sent to the upstream: escapes of plain characters are undone, once.
///
/// What an upstream could read as another path is refused: dot segments, empty segments, escaped slashes, backslashes, control
/// characters and what is escaped twice.
pub fn normal_path(path: &str) -> Result<Cow<'_, str>, Refusal> {
    let bytes = path.as_bytes();
    if bytes.first() != Some(&b'/') {
        return Err(Refusal::Malformed("the path does not begin with a slash"));
    }
    let plain = !bytes.contains(&b'%');
    let path = if plain {
        Cow::Borrowed(path)
    } else {
        Cow::Owned(unescape(bytes)?)
    };
    segments(path.as_bytes())?;
    Ok(path)
}

fn unescape(bytes: &[u8]) -> Result<String, Refusal> {
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'%' {
            out.push(char::from(byte));
            at += 1;
            continue;
        }
        let Some(value) = escaped(bytes, at) else {
            return Err(Refusal::Malformed("the path has a broken escape"));
        };
        match value {
            0..=0x1f | 0x7f => {
                return Err(Refusal::Malformed(
                    "the path has an escaped control character",
                ));
            }
            b'/' | b'\\' => {
                return Err(Refusal::Malformed(
                    "the path has an escaped slash or backslash",
                ));
            }
            b'%' if twice(bytes, at + 3) => {
                return Err(Refusal::Malformed("the path is escaped twice"));
            }
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(value)),
            _ if value.is_ascii_alphanumeric() => out.push(char::from(value)),
            _ => {
                out.push('%');
                out.extend(
                    bytes[at + 1..at + 3]
                        .iter()
                        .map(|digit| char::from(digit.to_ascii_uppercase())),
                );
            }
        }
        at += 3;
    }
    Ok(out)
}

/// The byte that the escape at `at` stands for.
fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|&byte| (byte as char).to_digit(16));
    u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()
}

/// Whether the two digits at `at` would be an escape of something that has a meaning in a path if `%25` were undone twice.
fn twice(bytes: &[u8], at: usize) -> bool {
    let digits = bytes.get(at..at + 2).map(<[u8]>::to_ascii_lowercase);
    matches!(
        digits.as_deref(),
        Some(b"2f" | b"5c" | b"2e" | b"00" | b"25" | b"0a" | b"0d")
    )
}

fn segments(path: &[u8]) -> Result<(), Refusal> {
    let mut segments = path[1..].split(|&byte| byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        if segment.is_empty() && segments.peek().is_some() {
            return Err(Refusal::Malformed("the path has an empty segment"));
        }
        if segment.first() == Some(&b'.') {
            // `..;x` is a dot segment to servers that cut parameters off.
            let name = segment
                .split(|&byte| byte == b';')
                .next()
                .unwrap_or(segment);
            if name == b"." || name == b".." {
                return Err(Refusal::Malformed("the path has a dot segment"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_stay_and_plain_escapes_are_undone() {
        for path in [
            "/",
            "/a/b/",
            "/a.b/..c/...",
            "/.well-known/x",
            "/a;b=c",
            "/100%25",
            "/a%20b",
            "/%C3%A9",
            "/a:b@c",
        ] {
            assert_eq!(normal_path(path).unwrap(), path);
        }
        assert_eq!(normal_path("/%61dmin/%7Ex%2d").unwrap(), "/admin/~x-");
        assert_eq!(normal_path("/%c3%a9").unwrap(), "/%C3%A9");
    }

    #[test]
    fn tricks_are_refused() {
        for path in [
            "/svc/../app",
            "/svc/..",
            "/./a",
            "/svc/%2e%2e/app",
            "/svc/.%2e/app",
            "/svc%2fapp",
            "/svc%2Fapp",
            "/svc%5capp",
            "/a%00b",
            "/a%0d%0ab",
            "/a%7f",
            "/%252e%252e/app",
            "/svc%252fapp",
            "/%2500",
            "/%2525",
            "//app",
            "/svc//app",
            "/svc/..;/app",
            "/svc/..;a=b/app",
            "/a%",
            "/a%2",
            "/a%zz",
            "a",
            "*",
            "",
        ] {
            assert!(normal_path(path).is_err(), "{path}");
        }
    }
}
