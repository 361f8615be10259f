//! Names of metrics that Sparkplug tells once, at birth, and later only by number.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::sparkplug::Publisher;

/// How much is remembered of births.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasLimits {
    /// Nodes and devices. Beyond that, those that were heard of least recently are forgotten.
    pub publishers: usize,
    /// Metrics of all of them, with the same consequence.
    pub metrics: usize,
    /// Bytes of all those metrics' names, with the same consequence.
    pub name_bytes: usize,
}

impl Default for AliasLimits {
    fn default() -> Self {
        Self {
            publishers: 10_000,
            metrics: 500_000,
            name_bytes: 64 << 20,
        }
    }
}

/// The names and data types of metrics that Sparkplug's births told, for each node and each device.
///
/// A node's birth makes an end of what was told of the node and of all its devices. A death does not: what comes late still finds its
/// names. The table can be serialised, so that it outlives a restart: devices do not tell their names again by themselves.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Aliases {
    limits: AliasLimits,
    /// By `group/node` and `group/node/device`, which cannot be taken for one another: no part has a `/`.
    publishers: BTreeMap<String, Birth>,
    metrics: usize,
    name_bytes: usize,
    /// Counts up with each use.
    now: u64,
}

/// What one birth told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Birth {
    /// Data types by name.
    datatypes: HashMap<Arc<str>, Option<u32>>,
    /// Names by alias.
    names: HashMap<u64, Arc<str>>,
    name_bytes: usize,
    used: u64,
}

/// What was told of a device and of its node, or of a node alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Births<'a> {
    own: Option<&'a Birth>,
    node: Option<&'a Birth>,
}

impl Aliases {
    /// An empty table with these limits.
    #[must_use]
    pub fn new(limits: AliasLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// How many nodes and devices it knows.
    #[must_use]
    pub fn publishers(&self) -> usize {
        self.publishers.len()
    }

    /// How many metrics it knows.
    #[must_use]
    pub const fn metrics(&self) -> usize {
        self.metrics
    }

    /// Takes in a birth: the names of its metrics, with aliases and data types where they have them.
    pub(super) fn learn<'m>(
        &mut self,
        publisher: Publisher<'_>,
        metrics: impl Iterator<Item = (&'m str, Option<u64>, Option<u32>)>,
    ) -> Result<(), String> {
        let mut birth = Birth::default();
        for (name, alias, datatype) in metrics {
            birth.add(name, alias, datatype.filter(|number| *number != 0));
        }
        let key = key(publisher);
        self.forget(&key);
        if publisher.device.is_none() {
            self.forget_devices(&key);
        }
        let AliasLimits {
            metrics,
            name_bytes,
            ..
        } = self.limits;
        if birth.len() > metrics || birth.name_bytes > name_bytes {
            return Err("its metrics are more than can be remembered".into());
        }
        self.make_room(&birth);
        birth.used = self.tick();
        self.metrics = self.metrics.saturating_add(birth.len());
        self.name_bytes = self.name_bytes.saturating_add(birth.name_bytes);
        self.publishers.insert(key, birth);
        Ok(())
    }

    /// What is known of a publisher.
    pub(super) fn births(&mut self, publisher: Publisher<'_>) -> Births<'_> {
        let now = self.tick();
        let own = key(publisher);
        let node = key(Publisher {
            device: None,
            ..publisher
        });
        for key in [&own, &node] {
            if let Some(birth) = self.publishers.get_mut(key) {
                birth.used = now;
            }
        }
        Births {
            own: self.publishers.get(&own),
            node: self.publishers.get(&node),
        }
    }

    const fn tick(&mut self) -> u64 {
        self.now = self.now.saturating_add(1);
        self.now
    }

    fn forget(&mut self, key: &str) {
        if let Some(birth) = self.publishers.remove(key) {
            self.metrics = self.metrics.saturating_sub(birth.len());
            self.name_bytes = self.name_bytes.saturating_sub(birth.name_bytes);
        }
    }

    fn forget_devices(&mut self, node: &str) {
        let prefix = format!("{node}/");
        let devices: Vec<String> = self
            .publishers
            .range(prefix.clone()..)
            .map(|(key, _)| key)
            .take_while(|key| key.starts_with(&prefix))
            .cloned()
            .collect();
        for device in devices {
            self.forget(&device);
        }
    }

    /// Forgets who was heard of least recently until one more birth has room.
    fn make_room(&mut self, birth: &Birth) {
        while self.publishers.len() >= self.limits.publishers
            || self.metrics.saturating_add(birth.len()) > self.limits.metrics
            || self.name_bytes.saturating_add(birth.name_bytes) > self.limits.name_bytes
        {
            let oldest = self
                .publishers
                .iter()
                .min_by_key(|(_, birth)| birth.used)
                .map(|(key, _)| key.clone());
            match oldest {
                Some(key) => self.forget(&key),
                None => return,
            }
        }
    }
}

fn key(publisher: Publisher<'_>) -> String {
    let Publisher {
        group,
        node,
        device,
    } = publisher;
    match device {
        Some(device) => format!("{group}/{node}/{device}"),
        None => format!("{group}/{node}"),
    }
}

impl Birth {
    fn add(&mut self, name: &str, alias: Option<u64>, datatype: Option<u32>) {
        if alias.is_none() && datatype.is_none() {
            return;
        }
        let name: Arc<str> = name.into();
        self.name_bytes += name.len();
        if let Some(alias) = alias {
            self.names.insert(alias, Arc::clone(&name));
        }
        self.datatypes.insert(name, datatype);
    }

    fn len(&self) -> usize {
        self.datatypes.len().max(self.names.len())
    }
}

impl Births<'_> {
    /// The name and the data type of an alias. Aliases are unique within a node, so that a device may use those of its node.
    pub(super) fn alias(&self, alias: u64) -> Option<(&str, Option<u32>)> {
        let mut both = self.own.into_iter().chain(self.node);
        both.find_map(|birth| {
            let name = birth.names.get(&alias)?;
            let datatype = birth.datatypes.get(name).copied().flatten();
            Some((&**name, datatype))
        })
    }

    /// The data type of a metric that is named.
    pub(super) fn datatype(&self, name: &str) -> Option<u32> {
        self.own?.datatypes.get(name).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publisher<'a>(node: &'a str, device: Option<&'a str>) -> Publisher<'a> {
        Publisher {
            group: "g",
            node,
            device,
        }
    }

    fn learn(aliases: &mut Aliases, node: &str, device: Option<&str>, names: &[&str]) {
        let metrics = names
            .iter()
            .zip(1..)
            .map(|(name, alias)| (*name, Some(alias), Some(3)));
        aliases.learn(publisher(node, device), metrics).unwrap();
    }

    fn name(aliases: &mut Aliases, node: &str, device: Option<&str>, alias: u64) -> Option<String> {
        let births = aliases.births(publisher(node, device));
        births.alias(alias).map(|(name, _)| name.to_owned())
    }

    #[test]
    fn a_birth_replaces_and_a_nodes_birth_ends_its_devices() {
        let mut aliases = Aliases::default();
        learn(&mut aliases, "n", None, &["node"]);
        learn(&mut aliases, "n", Some("d"), &["one", "two"]);
        learn(&mut aliases, "nn", Some("d"), &["other"]);
        assert_eq!(name(&mut aliases, "n", Some("d"), 1), Some("one".into()));
        assert_eq!(aliases.metrics(), 4);
        learn(&mut aliases, "n", Some("d"), &["three"]);
        assert_eq!(name(&mut aliases, "n", Some("d"), 1), Some("three".into()));
        assert_eq!(name(&mut aliases, "n", Some("d"), 2), None);
        learn(&mut aliases, "n", None, &["node", "more"]);
        assert_eq!(name(&mut aliases, "n", Some("d"), 2), Some("more".into()));
        assert_eq!(name(&mut aliases, "nn", Some("d"), 1), Some("other".into()));
        assert_eq!((aliases.publishers(), aliases.metrics()), (2, 3));
    }

    #[test]
    fn who_was_not_heard_of_is_forgotten_first() {
        let mut aliases = Aliases::new(AliasLimits {
            publishers: 2,
            metrics: 3,
            name_bytes: 8,
        });
        learn(&mut aliases, "a", None, &["a"]);
        learn(&mut aliases, "b", None, &["b"]);
        assert!(name(&mut aliases, "a", None, 1).is_some());
        learn(&mut aliases, "c", None, &["c"]);
        assert!(name(&mut aliases, "b", None, 1).is_none());
        assert!(name(&mut aliases, "a", None, 1).is_some());
        learn(&mut aliases, "d", None, &["d", "e", "f"]);
        assert_eq!((aliases.publishers(), aliases.metrics()), (1, 3));
        let large = [("123456789", Some(1), None)].into_iter();
        assert!(aliases.learn(publisher("e", None), large).is_err());
        let many = (0..4).map(|alias| ("a", Some(alias), None));
        assert!(aliases.learn(publisher("e", None), many).is_err());
        assert_eq!((aliases.publishers(), aliases.metrics()), (1, 3));
    }

    #[test]
    fn data_types_are_remembered_by_alias_and_by_name() {
        let mut aliases = Aliases::default();
        let metrics = [
            ("a", Some(7), Some(1)),
            ("b", None, Some(2)),
            ("c", None, Some(0)),
        ];
        aliases
            .learn(publisher("n", None), metrics.into_iter())
            .unwrap();
        let births = aliases.births(publisher("n", None));
        assert_eq!(births.alias(7), Some(("a", Some(1))));
        assert_eq!(births.datatype("a"), Some(1));
        assert_eq!(births.datatype("b"), Some(2));
        assert_eq!(births.datatype("c"), None);
    }
}
