//! Versions of any ecosystem.

use std::cmp::Ordering;

use trunkline_project::Ecosystem;

use super::python::PythonVersion;

/// A version in the order of its ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Semantic(semver::Version),
    Python(PythonVersion),
}

impl Version {
    /// Reads a version; one that lacks its minor or its patch has zeros there, and Go's `v` is left out.
    pub(crate) fn parse(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        if ecosystem == Ecosystem::Python {
            return PythonVersion::parse(text).map(Self::Python);
        }
        let text = text.trim().trim_start_matches(['v', '=']);
        if let Ok(version) = semver::Version::parse(text) {
            return Some(Self::Semantic(version));
        }
        let end = text.find(['-', '+']).unwrap_or(text.len());
        let (core, rest) = text.split_at(end);
        let padded = match core.split('.').count() {
            1 => format!("{core}.0.0{rest}"),
            2 => format!("{core}.0{rest}"),
            _ => return None,
        };
        semver::Version::parse(&padded).ok().map(Self::Semantic)
    }

    /// The first version that a range such as `^1.2` or `>=3, <4` names.
    pub(crate) fn lowest_of(ecosystem: Ecosystem, range: &str) -> Option<Self> {
        let start = range.find(|letter: char| letter.is_ascii_digit())?;
        let rest = &range[start..];
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || ".-+!".contains(letter);
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let text = rest[..end].trim_end_matches(".*").trim_end_matches(".x");
        Self::parse(ecosystem, text)
    }

    /// Versions of the same series promise to fit one another.
    pub(crate) fn series(&self) -> (u64, u64, u64) {
        match self {
            Self::Semantic(version) => match (version.major, version.minor) {
                (0, 0) => (0, 0, version.patch),
                (0, minor) => (0, minor, 0),
                (major, _) => (major, 0, 0),
            },
            Self::Python(version) => (version.epoch(), version.major(), 0),
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            // What a build adds does not count in any of the orders.
            (Self::Semantic(one), Self::Semantic(other)) => one.cmp_precedence(other),
            (Self::Python(one), Self::Python(other)) => one.cmp(other),
            (Self::Semantic(_), Self::Python(_)) => Ordering::Less,
            (Self::Python(_), Self::Semantic(_)) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cargo(text: &str) -> Version {
        Version::parse(Ecosystem::Cargo, text).unwrap()
    }

    #[test]
    fn versions_that_are_cut_short_are_read() {
        assert_eq!(cargo("1"), cargo("1.0.0"));
        assert_eq!(cargo("v1.2-rc.1"), cargo("1.2.0-rc.1"));
        assert!(cargo("1.0.0-rc.1") < cargo("1.0.0"));
        assert_eq!(cargo("1.0.0+a").cmp(&cargo("1.0.0+b")), Ordering::Equal);
        assert_eq!(
            Version::parse(Ecosystem::Go, "v0.0.0-2024-x")
                .unwrap()
                .series(),
            (0, 0, 0)
        );
        assert!(Version::parse(Ecosystem::Node, "latest").is_none());
    }

    #[test]
    fn series_are_those_of_each_ecosystem() {
        assert_eq!(cargo("1.2.3").series(), cargo("1.9.0").series());
        assert_ne!(cargo("0.2.3").series(), cargo("0.3.0").series());
        assert_ne!(cargo("0.0.3").series(), cargo("0.0.4").series());
    }

    #[test]
    fn a_range_has_a_lowest_version() {
        let lowest = |range: &str| Version::lowest_of(Ecosystem::Node, range);
        assert_eq!(lowest("^1.2"), Some(cargo("1.2.0")));
        assert_eq!(lowest(">=3.1.0 <4"), Some(cargo("3.1.0")));
        assert_eq!(lowest("2.x"), Some(cargo("2.0.0")));
        assert_eq!(lowest("*"), None);
    }
}
