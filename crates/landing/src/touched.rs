//! Which projects a change touches.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Project;

/// The projects whose keys a change may alter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touched {
    /// These.
    Some(BTreeSet<Project>),
    /// Every one: a lockfile of all, or the tools.
    All,
}

impl Default for Touched {
    fn default() -> Self {
        Self::Some(BTreeSet::new())
    }
}

impl FromIterator<Project> for Touched {
    fn from_iter<T: IntoIterator<Item = Project>>(projects: T) -> Self {
        Self::Some(projects.into_iter().collect())
    }
}

impl Touched {
    /// Whether `project` is among them.
    #[must_use]
    pub fn has(&self, project: &Project) -> bool {
        match self {
            Self::All => true,
            Self::Some(projects) => projects.contains(project),
        }
    }

    /// Whether some project is among both. What touches nothing meets nothing, not even [`Touched::All`].
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, Self::All) => true,
            (Self::All, Self::Some(projects)) | (Self::Some(projects), Self::All) => {
                !projects.is_empty()
            }
            (Self::Some(one), Self::Some(two)) => {
                let (few, many) = if one.len() < two.len() {
                    (one, two)
                } else {
                    (two, one)
                };
                few.iter().any(|project| many.contains(project))
            }
        }
    }

    /// Adds those of `other`.
    pub fn join(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Some(to), Self::Some(projects)) => to.extend(projects.iter().cloned()),
            (Self::Some(_), Self::All) => *self = Self::All,
            (Self::All, _) => {}
        }
    }

    /// How many of them `other` has not; nothing where that cannot be told.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Option<usize> {
        match (self, other) {
            (_, Self::All) => Some(0),
            (Self::All, Self::Some(_)) => None,
            (Self::Some(one), Self::Some(two)) => Some(one.difference(two).count()),
        }
    }

    /// How many there are; nothing where it is every one.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Some(projects) => Some(projects.len()),
            Self::All => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(names: &[&str]) -> Touched {
        names.iter().map(|name| Project::from(*name)).collect()
    }

    #[test]
    fn sets_meet_where_they_share_a_project() {
        assert!(some(&["a", "b"]).meets(&some(&["b", "c", "d"])));
        assert!(!some(&["a"]).meets(&some(&["b", "c"])));
        assert!(some(&["a"]).meets(&Touched::All) && Touched::All.meets(&Touched::All));
        assert!(!some(&[]).meets(&Touched::All));
    }

    #[test]
    fn joined_sets_have_the_projects_of_both() {
        let mut both = some(&["a"]);
        both.join(&some(&["b"]));
        assert_eq!(both, some(&["a", "b"]));
        assert_eq!(some(&["b", "c", "d"]).beyond(&both), Some(2));
        both.join(&Touched::All);
        assert_eq!(both, Touched::All);
        assert_eq!(both.beyond(&some(&["a"])), None);
    }
}
