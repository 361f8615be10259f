//! Which topics go which way, and what they are called on the other side.

use super::draft;
use super::problem::{BridgeFile, Problem};
use crate::Quality;
use crate::port::{Direction, Side};
use trunkline_topic::{LONGEST, is_filter, is_topic, matches, overlap, shared};

/// Maps of one direction that a file may have.
const MOST: usize = 100;

/// Topics of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// The filter at our broker, with its prefix.
    pub local_filter: String,
    /// The filter at the remote, with its prefix.
    pub remote_filter: String,
    /// What the topics begin with at our broker alone.
    pub local_prefix: String,
    /// What the topics begin with at the remote alone.
    pub remote_prefix: String,
    /// How surely messages are carried.
    pub quality: Quality,
}

impl Map {
    /// Reads the maps of one direction.
    pub(super) fn read_all(
        file: &BridgeFile,
        direction: Direction,
        drafts: &[draft::Map],
        problems: &mut Vec<Problem>,
    ) -> Vec<Self> {
        if drafts.len() > MOST {
            let text = format!("{} maps are too many", drafts.len());
            let problem = file.problem_at(direction.key(), text);
            problems.push(problem.hint(format!("at most {MOST}, so use wildcards")));
            return Vec::new();
        }
        let mut maps: Vec<Self> = Vec::new();
        for (at, draft) in drafts.iter().enumerate() {
            let key = format!("{}[{at}]", direction.key());
            let Some(map) = Self::read(file, &key, draft, problems) else {
                continue;
            };
            let filter = map.filter(direction.origin());
            if let Some(other) = maps
                .iter()
                .map(|other| other.filter(direction.origin()))
                .find(|other| overlap(other, filter))
            {
                let text = format!("`{filter}` and `{other}` take the same messages");
                let problem = file.problem_at(format!("{key}.filter"), text);
                problems.push(problem.hint("filters of one direction must not overlap"));
            }
            maps.push(map);
        }
        maps
    }

    fn read(
        file: &BridgeFile,
        key: &str,
        draft: &draft::Map,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let before = problems.len();
        if shared(&draft.filter) != Ok(None) {
            let problem = file.problem_at(
                format!("{key}.filter"),
                "a bridge takes no part in a shared subscription",
            );
            problems.push(problem.hint("name the filter alone"));
        }
        let quality = match draft.qos {
            0 => Quality::AtMostOnce,
            1 => Quality::AtLeastOnce,
            other => {
                let text = format!("a bridge does not carry quality {other}");
                let problem = file.problem_at(format!("{key}.qos"), text);
                problems.push(problem.hint("1 is at least once, 0 at most once"));
                Quality::AtLeastOnce
            }
        };
        let mut joined = |name: &str, prefix: &str| {
            if !prefix.is_empty() && !is_topic(prefix, LONGEST, usize::MAX) {
                let problem = file.problem_at(
                    format!("{key}.{name}"),
                    format!("`{prefix}` cannot begin a topic"),
                );
                problems.push(problem.hint("a prefix has no `+` and no `#`"));
                return String::new();
            }
            let filter = format!("{prefix}{}", draft.filter);
            if !is_filter(&filter, LONGEST, usize::MAX) {
                let problem = file.problem_at(
                    format!("{key}.filter"),
                    format!("`{filter}` is no filter of topics"),
                );
                problems.push(
                    problem.hint("`+` and `#` stand alone between slashes, `#` at the end; end a prefix with `/`"),
                );
            }
            filter
        };
        let local_filter = joined("local_prefix", &draft.local_prefix);
        let remote_filter = if local_filter == draft.filter && draft.remote_prefix.is_empty() {
            local_filter.clone()
        } else {
            joined("remote_prefix", &draft.remote_prefix)
        };
        (problems.len() == before).then(|| Self {
            local_filter,
            remote_filter,
            local_prefix: draft.local_prefix.clone(),
            remote_prefix: draft.remote_prefix.clone(),
            quality,
        })
    }

    /// Whether what goes out by one map would come back by another.
    pub(super) fn would_echo(
        file: &BridgeFile,
        out: &[Self],
        inward: &[Self],
        problems: &mut Vec<Problem>,
    ) {
        for (at, into) in inward.iter().enumerate() {
            let Some(from) = out
                .iter()
                .find(|from| overlap(&from.remote_filter, &into.remote_filter))
            else {
                continue;
            };
            let text = format!(
                "`{}` takes back what goes out as `{}`, and messages would go round in circles",
                into.remote_filter, from.remote_filter
            );
            let problem = file.problem_at(format!("in[{at}].filter"), text);
            problems.push(problem.hint(
                "keep them apart by prefixes; with a remote that speaks MQTT 5 and keeps user properties they may overlap",
            ));
        }
    }

    /// The filter on one side.
    #[must_use]
    pub fn filter(&self, side: Side) -> &str {
        match side {
            Side::Local => &self.local_filter,
            Side::Remote => &self.remote_filter,
        }
    }

    fn prefix(&self, side: Side) -> &str {
        match side {
            Side::Local => &self.local_prefix,
            Side::Remote => &self.remote_prefix,
        }
    }

    /// The topic on the other side of a message that came on `topic`; nothing where the map does not take it.
    #[must_use]
    pub fn translate(&self, direction: Direction, topic: &str) -> Option<String> {
        let origin = direction.origin();
        if !matches(self.filter(origin), topic) {
            return None;
        }
        let rest = topic.strip_prefix(self.prefix(origin))?;
        Some(format!("{}{rest}", self.prefix(direction.destination())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(filter: &str, local: &str, remote: &str) -> Map {
        Map {
            local_filter: format!("{local}{filter}"),
            remote_filter: format!("{remote}{filter}"),
            local_prefix: local.into(),
            remote_prefix: remote.into(),
            quality: Quality::AtLeastOnce,
        }
    }

    #[test]
    fn one_prefix_is_taken_off_and_the_other_put_before() {
        let map = map("dt/#", "plant/", "site-7/");
        assert_eq!(
            map.translate(Direction::Out, "plant/dt/a/b").as_deref(),
            Some("site-7/dt/a/b")
        );
        assert_eq!(
            map.translate(Direction::In, "site-7/dt").as_deref(),
            Some("plant/dt")
        );
        assert_eq!(map.translate(Direction::Out, "dt/a"), None);
        assert_eq!(map.translate(Direction::In, "plant/dt/a"), None);
    }

    #[test]
    fn a_filter_that_takes_the_parent_too_does_not_lose_its_prefix() {
        // `site/#` takes `site`, which does not begin with the prefix `site/`.
        let map = map("#", "", "site/");
        assert_eq!(map.translate(Direction::In, "site"), None);
        assert_eq!(map.translate(Direction::In, "site/a").as_deref(), Some("a"));
    }
}
