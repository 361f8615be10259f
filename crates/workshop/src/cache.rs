//! Where a laptop keeps what can be made again.

use std::path::PathBuf;

/// The folder for results, and for all that tasks remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// It.
    pub folder: PathBuf,
    /// Nobody else can write there: what is remembered is done without being asked again.
    pub is_own: bool,
}

impl Cache {
    /// That of the person whose environment `variable` knows.
    #[must_use]
    pub fn find(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| {
            let text = variable(name).filter(|text| !text.is_empty());
            text.map(PathBuf::from)
        };
        let own = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
        Self {
            is_own: own.is_some(),
            folder: own.unwrap_or_else(std::env::temp_dir).join("trunkline"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_persons_own_or_taken_for_nobodys() {
        let find = |set: &[(&str, &str)]| {
            Cache::find(|name| {
                let mut set = set.iter();
                let found = set.find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let own = find(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]);
        assert_eq!(own.folder, PathBuf::from("/c/trunkline"));
        let own = find(&[("HOME", "/h"), ("XDG_CACHE_HOME", "")]);
        assert_eq!(own.folder, PathBuf::from("/h/.cache/trunkline"));
        assert!(own.is_own && !find(&[]).is_own);
    }
}
