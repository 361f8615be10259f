//! The patterns by which a workspace names the folders of its members.

use gix::bstr::BStr;
use gix::glob::wildmatch::Mode;

/// Which folders belong to a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Members {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Members {
    /// Patterns as `package.json` and `pnpm-workspace.yaml` have them: those that begin with `!` take away.
    pub(crate) fn with_exceptions<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let mut members = Self::default();
        for pattern in patterns {
            match pattern.strip_prefix('!') {
                Some(pattern) => members.unwanted.push(tidy(pattern)),
                None => members.wanted.push(tidy(pattern)),
            }
        }
        members
    }

    /// Patterns for members, and those of what is left out.
    pub(crate) fn new(wanted: &[String], unwanted: &[String]) -> Self {
        let all = |patterns: &[String]| patterns.iter().map(|one| tidy(one)).collect();
        Self {
            wanted: all(wanted),
            unwanted: all(unwanted),
        }
    }

    /// Whether the folder at `path`, relative to the workspace, is a member.
    pub(crate) fn has(&self, path: &str) -> bool {
        let among = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, path));
        among(&self.wanted) && !among(&self.unwanted)
    }

    /// Whether the folder at `path` is named as none, or lies in one that is.
    pub(crate) fn leaves_out(&self, path: &str) -> bool {
        crate::path::upwards(path).any(|folder| {
            !folder.is_empty() && self.unwanted.iter().any(|pattern| fits(pattern, folder))
        })
    }
}

fn tidy(pattern: &str) -> String {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    if pattern == "." {
        String::new()
    } else {
        pattern.to_owned()
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let matches = |pattern: &str| {
        let (pattern, path): (&BStr, &BStr) = (pattern.into(), path.into());
        gix::glob::wildmatch(pattern, path, Mode::NO_MATCH_SLASH_LITERAL)
    };
    // `packages/**` has the folders below it, and `**` at the end stands for none as well.
    matches(pattern) || pattern.strip_suffix("/**").is_some_and(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_the_tools() {
        let members = Members::with_exceptions(["packages/*", "./apps/**", "tool/", "!apps/old"]);
        for folder in ["packages/a", "apps/a", "apps/a/b", "apps", "tool"] {
            assert!(members.has(folder), "{folder}");
        }
        for folder in ["packages/a/b", "packages", "apps/old", "tools", ""] {
            assert!(!members.has(folder), "{folder}");
        }
        let members = Members::new(&[".".into(), "crates/*".into()], &["crates/x".into()]);
        assert!(members.has("") && members.has("crates/y"));
        assert!(!members.has("crates/x"));
        assert!(members.leaves_out("crates/x/y") && !members.leaves_out("crates/y"));
    }
}
