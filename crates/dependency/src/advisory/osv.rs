//! One advisory in the format of OSV.

use serde::Deserialize;
use trunkline_project::Ecosystem;

use crate::path;
use crate::version::Version;

#[derive(Deserialize)]
pub(super) struct Osv {
    pub(super) id: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) summary: String,
    /// When it was taken back.
    pub(super) withdrawn: Option<String>,
    #[serde(default)]
    pub(super) affected: Vec<OsvAffected>,
}

#[derive(Deserialize)]
pub(super) struct OsvAffected {
    package: Option<OsvPackage>,
    #[serde(default)]
    ranges: Vec<OsvRange>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct OsvPackage {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct OsvRange {
    r#type: String,
    events: Vec<OsvEvent>,
}

#[derive(Deserialize)]
struct OsvEvent {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

/// What an advisory says about one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Affected {
    pub(crate) id: String,
    /// Other names of the same vulnerability.
    pub(crate) aliases: Vec<String>,
    pub(crate) summary: String,
    pub(crate) ecosystem: Ecosystem,
    pub(crate) name: String,
    ranges: Vec<Vec<Event>>,
    versions: Vec<String>,
    /// Versions that no longer have it, from the lowest.
    fixed: Vec<(Version, String)>,
}

/// A point on the line of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Event {
    /// Nothing is before all versions.
    at: Option<Version>,
    change: Change,
}

/// In the order in which they count at one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Introduced,
    Fixed,
    LastAffected,
}

impl Affected {
    /// What `osv` says of packages of the ecosystems that are known.
    pub(super) fn all_of(osv: &Osv) -> Vec<Self> {
        let affected = osv.affected.iter().filter_map(|affected| {
            let package = affected.package.as_ref()?;
            let ecosystem = ecosystem(&package.ecosystem)?;
            Some(Self::new(osv, affected, ecosystem, &package.name))
        });
        affected.collect()
    }

    fn new(osv: &Osv, affected: &OsvAffected, ecosystem: Ecosystem, name: &str) -> Self {
        // A range of commits says nothing about versions.
        let ranges = affected.ranges.iter().filter(|range| range.r#type != "GIT");
        let ranges: Vec<&OsvRange> = ranges.collect();
        let events = ranges.iter().flat_map(|range| &range.events);
        let mut fixed: Vec<_> = events
            .filter_map(|event| {
                let text = event.fixed.as_ref()?;
                Some((Version::parse(ecosystem, text)?, text.clone()))
            })
            .collect();
        fixed.sort();
        Self {
            id: osv.id.clone(),
            aliases: osv.aliases.clone(),
            summary: osv.summary.clone(),
            ecosystem,
            name: if ecosystem == Ecosystem::Python {
                path::python_name(name)
            } else {
                name.to_owned()
            },
            ranges: ranges
                .iter()
                .map(|range| events_of(ecosystem, range))
                .collect(),
            versions: affected.versions.clone(),
            fixed,
        }
    }

    /// Whether `version` is vulnerable.
    pub(crate) fn has(&self, version: &str) -> bool {
        let bare = version.trim_start_matches('v');
        if self
            .versions
            .iter()
            .any(|one| one == version || one == bare)
        {
            return true;
        }
        let Some(version) = Version::parse(self.ecosystem, version) else {
            return false;
        };
        let in_range = |events: &Vec<Event>| {
            let mut inside = false;
            for event in events {
                let Some(at) = &event.at else {
                    inside = true;
                    continue;
                };
                match event.change {
                    Change::Introduced if *at <= version => inside = true,
                    Change::Fixed if *at <= version => inside = false,
                    Change::LastAffected if *at < version => inside = false,
                    _ => {}
                }
            }
            inside
        };
        self.ranges.iter().any(in_range)
    }

    /// The lowest version after `version` that no longer has it.
    pub(crate) fn fixed_after(&self, version: &str) -> Option<&str> {
        let version = Version::parse(self.ecosystem, version)?;
        let after = self.fixed.iter().find(|(fixed, _)| *fixed > version);
        after.map(|(_, text)| text.as_str())
    }
}

fn ecosystem(name: &str) -> Option<Ecosystem> {
    Some(match name {
        "crates.io" => Ecosystem::Cargo,
        "npm" => Ecosystem::Node,
        "Go" => Ecosystem::Go,
        "PyPI" => Ecosystem::Python,
        _ => return None,
    })
}

/// The events of a range in order. One whose version cannot be read is left out, but for the first: it means all that is before.
fn events_of(ecosystem: Ecosystem, range: &OsvRange) -> Vec<Event> {
    let mut events = Vec::new();
    for event in &range.events {
        let all = [
            (Change::Introduced, &event.introduced),
            (Change::Fixed, &event.fixed),
            (Change::LastAffected, &event.last_affected),
        ];
        for (change, text) in all {
            let Some(text) = text else { continue };
            let at = Version::parse(ecosystem, text).filter(|_| text != "0");
            if at.is_some() || change == Change::Introduced {
                events.push(Event { at, change });
            }
        }
    }
    events.sort_by(|one, other| (&one.at, one.change).cmp(&(&other.at, other.change)));
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affected(ecosystem: &str, events: &str, versions: &str) -> Affected {
        let text = format!(
            r#"{{"id": "X-1", "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "My.Package"}}, "ranges": [{{"type": "ECOSYSTEM", "events": {events}}}], "versions": {versions}}}]}}"#
        );
        let osv: Osv = serde_json::from_str(&text).unwrap();
        Affected::all_of(&osv).remove(0)
    }

    #[test]
    fn a_range_has_a_beginning_and_an_end() {
        let one = affected(
            "crates.io",
            r#"[{"introduced": "0"}, {"fixed": "1.2.0"}, {"introduced": "2.0.0-rc.1"}, {"last_affected": "2.1.0"}]"#,
            "[]",
        );
        for version in ["0.1.0", "1.2.0-rc.1", "2.0.0", "2.1.0"] {
            assert!(one.has(version), "{version}");
        }
        for version in ["1.2.0", "1.9.9", "2.1.1", "no version"] {
            assert!(!one.has(version), "{version}");
        }
        assert_eq!(one.fixed_after("1.0.0"), Some("1.2.0"));
        assert_eq!(one.fixed_after("2.0.0"), None);
    }

    #[test]
    fn each_ecosystem_has_its_own_order() {
        let python = affected(
            "PyPI",
            r#"[{"introduced": "1.0a1"}, {"fixed": "1.0.post1"}]"#,
            r#"["0.1-old"]"#,
        );
        assert_eq!(python.name, "my-package");
        assert!(python.has("1.0") && python.has("1.0rc1") && python.has("0.1-old"));
        assert!(!python.has("1.0.post1") && !python.has("1.0.dev1"));
        let go = affected("Go", r#"[{"introduced": "0"}, {"fixed": "1.2.3"}]"#, "[]");
        assert!(go.has("v1.2.2") && !go.has("v1.2.3"));
    }
}
