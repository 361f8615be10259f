//! Patterns of files.

use gix::bstr::BStr;
use gix::glob::wildmatch::Mode;
use serde::{Deserialize, Serialize};

/// Patterns of one task, `.` being the whole folder: relative to its folder, from the root of the repository where they begin with `/`, and taking away where they begin with
/// `!`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Patterns {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Patterns {
    pub(crate) fn new(folder: &str, patterns: &[String]) -> Self {
        let whole = |pattern: &str| {
            let above = if pattern.starts_with('/') { "" } else { folder };
            let parts = above.split('/').chain(pattern.split('/'));
            let parts: Vec<_> = parts
                .filter(|part| !part.is_empty() && *part != ".")
                .collect();
            parts.join("/")
        };
        let (unwanted, wanted): (Vec<_>, Vec<_>) = patterns
            .iter()
            .partition(|pattern| pattern.starts_with('!'));
        Self {
            wanted: wanted.into_iter().map(|one| whole(one)).collect(),
            unwanted: unwanted.into_iter().map(|one| whole(&one[1..])).collect(),
        }
    }

    /// Whether the file at `path` is wanted. A folder stands for all that is in it.
    pub(crate) fn has(&self, path: &str) -> bool {
        let among = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, path));
        among(&self.wanted) && !among(&self.unwanted)
    }

    /// Whether one of the wanted patterns is `path` itself, so that a file may be meant, or a folder.
    pub(crate) fn names(&self, path: &str) -> bool {
        self.wanted.iter().any(|pattern| pattern == path)
    }

    /// The part of each wanted pattern in which nothing is open: where files that fit can lie.
    pub(crate) fn places(&self) -> impl Iterator<Item = String> {
        self.wanted.iter().map(|pattern| {
            let fixed = pattern.split('/').take_while(|part| !part.contains(OPEN));
            fixed.collect::<Vec<_>>().join("/")
        })
    }
}

/// What stands for more than itself.
const OPEN: [char; 4] = ['*', '?', '[', '\\'];

fn fits(pattern: &str, path: &str) -> bool {
    // The whole repository.
    if pattern.is_empty() {
        return true;
    }
    let (glob, text): (&BStr, &BStr) = (pattern.into(), path.into());
    gix::glob::wildmatch(glob, text, Mode::NO_MATCH_SLASH_LITERAL)
        || path
            .strip_prefix(pattern)
            .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_of_a_folder_or_of_the_root() {
        let patterns = ["src/**", "Cargo.toml", "/proto", "!src/old/**"].map(str::to_owned);
        let patterns = Patterns::new("a/b", &patterns);
        for path in [
            "a/b/src/x.rs",
            "a/b/src/c/d.rs",
            "a/b/Cargo.toml",
            "proto/x.proto",
        ] {
            assert!(patterns.has(path), "{path}");
        }
        for path in ["src/x.rs", "a/b/src/old/x.rs", "a/b/Cargo.lock", "protox/y"] {
            assert!(!patterns.has(path), "{path}");
        }
        let places: Vec<_> = patterns.places().collect();
        assert_eq!(places, ["a/b/src", "a/b/Cargo.toml", "proto"]);
        assert!(Patterns::new("", &["*.rs".into()]).has("x.rs"));
    }

    #[test]
    fn a_dot_is_the_whole_folder() {
        for all in [".", "./", "./.", "/a", "/./a/"] {
            let patterns = Patterns::new("a", &[all.to_owned(), "!./old".to_owned()]);
            assert!(patterns.has("a/x") && patterns.has("a/b/y"), "{all}");
            assert!(!patterns.has("ab/x") && !patterns.has("a/old/x"), "{all}");
            assert_eq!(patterns.places().collect::<Vec<_>>(), ["a"]);
        }
        for (folder, all) in [("", "."), ("a", "/"), ("a", "/.")] {
            let patterns = Patterns::new(folder, &[all.to_owned()]);
            assert!(patterns.has("x") && patterns.has("b/y"), "{all}");
            assert_eq!(patterns.places().collect::<Vec<_>>(), [""]);
        }
    }
}
