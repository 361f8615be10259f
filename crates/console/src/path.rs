//! What a request's path asks for.

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted<'a> {
    /// A file of the build.
    File(&'a str),
    /// A page of the app: `index.html` answers and the app's own router shows the page.
    Page,
    /// Nothing that the console could know.
    Nothing,
}

/// Folders below which only real files answer: a tab of an older build must get 404 for a script that is gone, never HTML;
/// and a mistyped API path must not look like a success.
const NO_PAGES: [&str; 3] = ["_app", "v1", "api"];

/// Reads a path as it stands in the request, beginning with a slash.
pub(crate) fn wanted(path: &str) -> Wanted<'_> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if !is_plain(path) && !path.is_empty() {
        return Wanted::Nothing;
    }
    let first = path.split('/').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    if path == "index.html" {
        Wanted::Page
    } else if last.contains('.') {
        Wanted::File(path)
    } else if NO_PAGES.contains(&first) {
        Wanted::Nothing
    } else {
        Wanted::Page
    }
}

/// Whether a relative path stays inside its folder on every system.
pub(crate) fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| part != ".." && part != ".")
}

#[cfg(test)]
mod tests {
    use super::{Wanted, is_plain, wanted};

    #[test]
    fn pages_have_no_extension() {
        for path in [
            "/",
            "/index.html",
            "/explore",
            "/tables/events",
            "/tables/events/",
            "/errors/TL-LOG-001",
        ] {
            assert_eq!(wanted(path), Wanted::Page, "{path}");
        }
    }

    #[test]
    fn files_have_one() {
        assert_eq!(wanted("/favicon.svg"), Wanted::File("favicon.svg"));
        assert_eq!(
            wanted("/_app/immutable/a.js"),
            Wanted::File("_app/immutable/a.js")
        );
    }

    #[test]
    fn what_cannot_be_a_page_is_none() {
        for path in [
            "/_app/immutable",
            "/v1/nothing",
            "/api/v1/write",
            "/../secret",
            "/a/../b",
            "/a\\b",
        ] {
            assert_eq!(wanted(path), Wanted::Nothing, "{path}");
        }
    }

    #[test]
    fn a_plain_path_stays_inside() {
        assert!(is_plain("_app/version.json"));
        for path in ["", "/etc/passwd", "a/../../b", "c:\\x", "./a", "a\0b"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
