//! All advisories of a folder.

use std::collections::BTreeMap;

use trunkline_project::Ecosystem;

use crate::error::DependencyError;
use crate::model::{Finding, Kind};
use crate::path;
use crate::source::Sources;

use super::osv::{Affected, Osv};

/// Bytes of an advisory above which it is not read.
const LARGE: usize = 4 << 20;
/// Advisories that are read.
const COUNT: usize = 300_000;

/// What is known of vulnerable versions.
#[derive(Clone, Debug, Default)]
pub struct Advisories {
    by_package: BTreeMap<(Ecosystem, String), Vec<Affected>>,
    count: usize,
    /// Files that could not be read.
    pub(crate) problems: Vec<Finding>,
}

impl Advisories {
    /// Reads all `*.json` in `folder` and below. A file that is broken becomes a finding of the check.
    ///
    /// # Errors
    /// [`DependencyError`] where a file cannot be read from the commit, or where there are more than 300,000.
    pub fn load(sources: &dyn Sources, folder: &str) -> Result<Self, DependencyError> {
        let mut advisories = Self::default();
        for file in sources.paths()? {
            let is_inside = path::below(&file, folder).is_some();
            if !is_inside || path::extension(&file) != "json" {
                continue;
            }
            let Some(bytes) = sources.read(&file)? else {
                continue;
            };
            match advisories.add(&file, &bytes) {
                Err(DependencyError::Advisory { path, problem }) => {
                    let finding = Finding::new(Kind::Unreadable, &path, None, problem);
                    advisories.problems.push(finding);
                }
                other => other?,
            }
        }
        Ok(advisories)
    }

    /// Adds the advisory of a file. One that was withdrawn counts as read and says nothing.
    ///
    /// # Errors
    /// [`DependencyError::Advisory`] where it is none, [`DependencyError::TooMuch`] where there are too many.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), DependencyError> {
        let wrong = |problem: String| DependencyError::Advisory {
            path: path.to_owned(),
            problem,
        };
        if bytes.len() > LARGE {
            return Err(wrong(format!("it has more than {LARGE} bytes")));
        }
        if self.count == COUNT {
            return Err(DependencyError::TooMuch {
                what: "advisories",
                limit: COUNT as u64,
            });
        }
        let osv: Osv = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        self.count += 1;
        if osv.withdrawn.is_some() {
            return Ok(());
        }
        for affected in Affected::all_of(&osv) {
            let key = (affected.ecosystem, affected.name.clone());
            self.by_package.entry(key).or_default().push(affected);
        }
        Ok(())
    }

    /// How many advisories were read.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether none was read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What is known of `version` of a package.
    pub(crate) fn of(
        &self,
        ecosystem: Ecosystem,
        name: &str,
        version: &str,
    ) -> impl Iterator<Item = &Affected> {
        let all = self.by_package.get(&(ecosystem, name.to_owned()));
        let version = version.to_owned();
        all.into_iter()
            .flatten()
            .filter(move |affected| affected.has(&version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_advisories_is_read() {
        let advisory = |withdrawn: &str| {
            format!(
                r#"{{"id": "X-1", {withdrawn} "affected": [{{"package": {{"ecosystem": "npm", "name": "ms"}}, "versions": ["2.0.0"]}}]}}"#
            )
        };
        let files = BTreeMap::from([
            ("osv/npm/1.json".to_owned(), advisory("").into_bytes()),
            (
                "osv/2.json".to_owned(),
                advisory(r#""withdrawn": "2026-01-01T00:00:00Z","#).into_bytes(),
            ),
            ("osv/3.json".to_owned(), b"{}".to_vec()),
            ("elsewhere/4.json".to_owned(), b"{".to_vec()),
        ]);
        let advisories = Advisories::load(&files, "osv").unwrap();
        assert_eq!((advisories.len(), advisories.problems.len()), (2, 1));
        assert_eq!(advisories.of(Ecosystem::Node, "ms", "2.0.0").count(), 1);
        assert_eq!(advisories.of(Ecosystem::Cargo, "ms", "2.0.0").count(), 0);
    }
}
