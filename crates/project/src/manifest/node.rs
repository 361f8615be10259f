//! `package.json` and `pnpm-workspace.yaml`, for npm, pnpm, yarn and bun.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Manifest, Root, Wanted, Wrong};
use crate::glob::Members;
use crate::model::{DependencyKind, Ecosystem};
use crate::path;

/// What a place in the repository begins with.
const LOCAL: &[&str] = &["file:", "link:", "portal:"];
/// What comes from outside, whatever its name.
const OUTSIDE: &[&str] = &[
    "npm:", "jsr:", "git", "http:", "https:", "github:", "patch:",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PackageJson {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, String>,
    #[serde(default)]
    peer_dependencies: BTreeMap<String, String>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, String>,
    workspaces: Option<Workspaces>,
    // Each by itself, as a map of all that is left would have to be built for every package, and only a root needs these.
    overrides: Option<Value>,
    resolutions: Option<Value>,
    pnpm: Option<Value>,
    package_manager: Option<Value>,
    engines: Option<Value>,
    catalog: Option<Value>,
    catalogs: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Workspaces {
    List(Vec<String>),
    Table { packages: Vec<String> },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PnpmWorkspace {
    packages: Vec<String>,
    catalog: BTreeMap<String, String>,
    catalogs: BTreeMap<String, BTreeMap<String, String>>,
    overrides: BTreeMap<String, String>,
}

pub(super) fn read_package(text: &str, folder: &str) -> Result<Manifest, Wrong> {
    let package: PackageJson = serde_json::from_str(text).map_err(|error| Wrong {
        problem: error.to_string(),
        line: Some(error.line()),
    })?;
    let mut manifest = Manifest::new(Ecosystem::Node);
    manifest.name.clone_from(&package.name);
    manifest.version.clone_from(&package.version);
    let kinds = [
        (DependencyKind::Runtime, &package.dependencies),
        (DependencyKind::Runtime, &package.optional_dependencies),
        (DependencyKind::Development, &package.dev_dependencies),
        (DependencyKind::Peer, &package.peer_dependencies),
    ];
    for (kind, needs) in kinds {
        for (name, wanted) in needs {
            manifest.need(name, kind, from(name, wanted, folder)?);
        }
    }
    if let Some(workspaces) = &package.workspaces {
        let patterns = match workspaces {
            Workspaces::List(patterns) | Workspaces::Table { packages: patterns } => patterns,
        };
        manifest.root = Some(Root {
            members: Members::with_exceptions(patterns.iter().map(String::as_str)),
            needs: BTreeMap::new(),
            shared: shared(&package),
        });
    }
    Ok(manifest)
}

/// What of the root changes what its members are built from.
fn shared(package: &PackageJson) -> String {
    let settings = [
        &package.overrides,
        &package.resolutions,
        &package.pnpm,
        &package.package_manager,
        &package.engines,
        &package.catalog,
        &package.catalogs,
    ];
    let needs = [&package.dependencies, &package.dev_dependencies];
    format!("{needs:?}{settings:?}")
}

fn from(name: &str, wanted: &str, folder: &str) -> Result<Wanted, Wrong> {
    if let Some(relative) = LOCAL.iter().find_map(|prefix| wanted.strip_prefix(prefix)) {
        let is_archive = [".tgz", ".tar.gz"]
            .iter()
            .any(|end| relative.ends_with(end));
        return match path::join(folder, relative) {
            Some(folder) if !is_archive => Ok(Wanted::Folder(folder)),
            Some(_) => Ok(Wanted::Outside(wanted.to_owned())),
            None => Err(format!("`{name}` lies outside of the repository: {relative}").into()),
        };
    }
    if wanted.starts_with("workspace:") {
        return Ok(Wanted::Workspace);
    }
    if OUTSIDE.iter().any(|prefix| wanted.starts_with(prefix)) {
        return Ok(Wanted::Outside(wanted.to_owned()));
    }
    Ok(Wanted::Version(wanted.to_owned()))
}

pub(super) fn read_workspace(text: &str, _folder: &str) -> Result<Manifest, Wrong> {
    let workspace: PnpmWorkspace =
        serde_saphyr::from_str(text).map_err(|error| Wrong::from(error.to_string()))?;
    let shared = format!(
        "{:?}{:?}{:?}",
        workspace.catalog, workspace.catalogs, workspace.overrides
    );
    let mut manifest = Manifest::new(Ecosystem::Node);
    manifest.root = Some(Root {
        members: Members::with_exceptions(workspace.packages.iter().map(String::as_str)),
        needs: BTreeMap::new(),
        shared,
    });
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use crate::manifest::tests::{needs, read};

    #[test]
    fn a_package_needs_others() {
        let manifest = read(
            "packages/a/package.json",
            r#"{"name": "@shop/a", "version": "1.0.0",
                "dependencies": {"@shop/b": "workspace:*", "c": "file:../c", "react": "^19", "d": "npm:left-pad@1"},
                "devDependencies": {"@shop/e": "^1.0.0"}, "peerDependencies": {"vue": ">=3"},
                "optionalDependencies": {"f": "file:../f.tgz"}}"#,
        );
        assert_eq!(
            needs(&manifest),
            [
                "runtime @shop/b workspace",
                "runtime c /packages/c",
                "runtime d outside npm:left-pad@1",
                "runtime react ^19",
                "runtime f outside file:../f.tgz",
                "development @shop/e ^1.0.0",
                "peer vue >=3",
            ]
        );
    }

    #[test]
    fn a_workspace_has_members() {
        let members = |path: &str, text: &str| read(path, text).root.unwrap().members;
        let list = members("package.json", r#"{"workspaces": ["packages/*"]}"#);
        let table = members(
            "package.json",
            r#"{"workspaces": {"packages": ["packages/*"]}}"#,
        );
        let pnpm = members("pnpm-workspace.yaml", "packages:\n  - packages/*\n");
        assert_eq!((&list, &list), (&table, &pnpm));
        assert!(list.has("packages/a"));
    }
}
