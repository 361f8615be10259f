//! Layers: arrows between rooms only point downward, and domains never import one another.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use super::finding::Finding;
use super::manifest::{Dependency, Metadata, room};

/// `xtask/layers.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layers {
    floor: Vec<Floor>,
    leaves: Leaves,
}

/// One floor of the house; the first in the file is the lowest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Floor {
    name: String,
    rooms: Vec<String>,
    /// The arrows within the floor that the design draws: from, to.
    #[serde(default)]
    beside: Vec<(String, String)>,
    /// Whether its rooms are only ever dev-dependencies.
    #[serde(default)]
    tests_only: bool,
    /// Whether its rooms neither import a room nor are imported.
    #[serde(default)]
    apart: bool,
}

/// Rooms that import no other room.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Leaves {
    rooms: Vec<String>,
}

/// The file that a finding points at.
const PATH: &str = "xtask/layers.toml";

impl Layers {
    /// Reads the floors of the workspace at `root`.
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(root.join(PATH)).context(PATH)?;
        toml::from_str(&text).context(PATH)
    }

    /// The height of a room and its floor.
    fn floor(&self, room: &str) -> Option<(usize, &Floor)> {
        let mut floors = self.floor.iter().enumerate();
        floors.find(|(_, floor)| floor.rooms.iter().any(|name| name == room))
    }

    /// Why `from` may not import `to`, if it may not.
    fn objection(&self, from: &str, to: &str, dev: bool) -> Option<String> {
        let (height, floor) = self.floor(from)?;
        let (below, target) = self.floor(to)?;
        if floor.apart || target.apart {
            return Some(format!("`{from}` stands apart from `{to}`"));
        }
        if target.tests_only {
            let reason = format!("`{to}` is for tests: make it a dev-dependency of `{from}`");
            return (!dev).then_some(reason);
        }
        if !dev && self.leaves.rooms.iter().any(|leaf| leaf == from) {
            return Some(format!("`{from}` imports no other room, but names `{to}`"));
        }
        let drawn = floor.beside.iter().any(|(a, b)| a == from && b == to);
        if below < height || drawn {
            return None;
        }
        Some(if below == height {
            let both = &floor.name;
            format!(
                "`{from}` imports `{to}` on the same floor ({both}): let them meet by events or by a port"
            )
        } else {
            let (lower, upper) = (&floor.name, &target.name);
            format!("`{from}` ({lower}) imports `{to}` ({upper}), which stands above it")
        })
    }
}

/// Every package has a floor, and no arrow points up.
pub(super) fn check(layers: &Layers, metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let from = room(&package.name);
        if layers.floor(from).is_none() {
            let message = format!(
                "the crate `{}` has no floor: add the room `{from}`",
                package.name
            );
            findings.push(Finding::new("layers", PATH, message));
        }
        for dependency in inside(&package.dependencies) {
            let dev = dependency.kind.as_deref() == Some("dev");
            if let Some(reason) = layers.objection(from, room(&dependency.name), dev) {
                let file = format!("crates/{from}/Cargo.toml");
                findings.push(Finding::new("layers", &file, reason));
            }
        }
    }
    findings
}

/// The dependencies that are rooms of this workspace.
fn inside(dependencies: &[Dependency]) -> impl Iterator<Item = &Dependency> {
    dependencies.iter().filter(|one| one.path.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(from: &str, to: &str, kind: Option<&str>) -> Vec<String> {
        let layers = Layers::read(&crate::workspace_root()).unwrap();
        let text = serde_json::json!({"packages": [{
            "name": format!("trunkline-{from}"),
            "dependencies": [{"name": format!("trunkline-{to}"), "kind": kind, "path": "/x"}],
        }]});
        let metadata: Metadata = serde_json::from_value(text).unwrap();
        check(&layers, &metadata)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn arrows_may_point_down() {
        assert!(objection("api", "lake", None).is_empty());
        assert!(objection("lake", "log", None).is_empty());
    }

    #[test]
    fn arrows_may_not_point_up_or_sideways() {
        assert!(objection("log", "lake", None)[0].contains("same floor"));
        assert!(objection("fleet", "forge", None)[0].contains("same floor"));
        assert!(objection("store", "access", None)[0].contains("stands above"));
        assert!(objection("store", "access", Some("dev"))[0].contains("stands above"));
    }

    #[test]
    fn testkit_is_for_tests() {
        assert!(objection("log", "testkit", Some("dev")).is_empty());
        assert!(objection("api", "testkit", None)[0].contains("dev-dependency"));
    }

    #[test]
    fn leaves_and_strangers_are_told() {
        assert!(objection("console", "model", None)[0].contains("no other room"));
        assert!(objection("attic", "model", None)[0].contains("has no floor"));
    }
}
