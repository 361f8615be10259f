//! Paths and queries, taken apart.

use trunkline_signature::percent_decoded;

/// The parts of a path, decoded; nothing where a part is empty, is `.` or `..`, or is no text.
pub(crate) fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/')
        .map(|part| match part {
            "" | "." | ".." => None,
            part => text(part, false),
        })
        .collect()
}

/// The parameters of a query, decoded, without those of a signature; nothing where one is no text.
pub(crate) fn parameters(query: &str) -> Option<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("X-Amz-"))
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((text(name, true)?, text(value, true)?))
        })
        .collect()
}

/// What percent signs stand for, and in queries plus signs too.
fn text(encoded: &str, plus: bool) -> Option<String> {
    let bytes = percent_decoded(encoded, plus)?;
    String::from_utf8(bytes.into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_may_have_slashes_in_it() {
        let parts = |path| segments(path).map(|parts| parts.join("|"));
        assert_eq!(
            parts("/topics/a%2Fb+c%20%C3%A9").as_deref(),
            Some("topics|a/b+c \u{e9}")
        );
        assert_eq!(parts("/things/").as_deref(), Some("things"));
        for bad in [
            "", "/", "things", "/a//b", "/a/../b", "/a/./b", "/%", "/%4", "/%zz", "/%ff",
        ] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }

    #[test]
    fn parameters_are_told_from_those_of_a_signature() {
        let query = "name=a%26b&X-Amz-Date=1&flag&c=d+e=f";
        let pairs = parameters(query).unwrap();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(pairs, [("name", "a&b"), ("flag", ""), ("c", "d e=f")]);
        assert_eq!(parameters("a=%ff"), None);
    }
}
