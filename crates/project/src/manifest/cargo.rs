//! `Cargo.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Manifest, Root, Wanted, Wrong};
use crate::glob::Members;
use crate::model::{DependencyKind, Ecosystem};
use crate::path;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct CargoToml {
    package: Option<Package>,
    workspace: Option<CargoWorkspace>,
    #[serde(flatten)]
    needs: Needs,
    #[serde(default)]
    target: BTreeMap<String, Needs>,
    #[serde(default)]
    patch: toml::Table,
    #[serde(default)]
    profile: toml::Table,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Option<toml::Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Needs {
    #[serde(alias = "dev_dependencies")]
    dev_dependencies: BTreeMap<String, CargoNeed>,
    #[serde(alias = "build_dependencies")]
    build_dependencies: BTreeMap<String, CargoNeed>,
    dependencies: BTreeMap<String, CargoNeed>,
}

#[derive(Deserialize)]
struct CargoWorkspace {
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    dependencies: BTreeMap<String, CargoNeed>,
    #[serde(flatten)]
    rest: toml::Table,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum CargoNeed {
    Version(String),
    Table(CargoSource),
}

#[derive(Clone, Deserialize)]
struct CargoSource {
    path: Option<String>,
    version: Option<String>,
    git: Option<String>,
    package: Option<String>,
    #[serde(default)]
    workspace: bool,
}

impl CargoNeed {
    /// What it is called and where it comes from, as seen from `folder`.
    fn wanted(&self, name: &str, folder: &str) -> Result<(String, Wanted), Wrong> {
        let source = match self {
            Self::Version(version) => {
                return Ok((name.to_owned(), Wanted::Outside(version.clone())));
            }
            Self::Table(source) => source,
        };
        let real = source.package.as_deref().unwrap_or(name).to_owned();
        let wanted = if source.workspace {
            // The root knows it under the name that it has here.
            return Ok((name.to_owned(), Wanted::Workspace));
        } else if let Some(relative) = &source.path {
            let Some(folder) = path::join(folder, relative) else {
                return Err(format!("`{name}` lies outside of the repository: {relative}").into());
            };
            Wanted::Folder(folder)
        } else {
            let version = source.version.as_ref().or(source.git.as_ref());
            Wanted::Outside(version.cloned().unwrap_or_default())
        };
        Ok((real, wanted))
    }
}

pub(super) fn read(text: &str, folder: &str) -> Result<Manifest, Wrong> {
    let cargo: CargoToml = toml::from_str(text).map_err(|error| Wrong::toml(text, &error))?;
    let mut manifest = Manifest::new(Ecosystem::Cargo);
    if let Some(package) = cargo.package {
        manifest.version = package.version.and_then(|version| match version {
            toml::Value::String(version) => Some(version),
            // `version.workspace = true`
            _ => None,
        });
        manifest.name = Some(package.name);
    }
    for needs in std::iter::once(&cargo.needs).chain(cargo.target.values()) {
        let kinds = [
            (DependencyKind::Runtime, &needs.dependencies),
            (DependencyKind::Build, &needs.build_dependencies),
            (DependencyKind::Development, &needs.dev_dependencies),
        ];
        for (kind, needs) in kinds {
            for (name, need) in needs {
                let (name, wanted) = need.wanted(name, folder)?;
                manifest.need(&name, kind, wanted);
            }
        }
    }
    if let Some(workspace) = cargo.workspace {
        let mut needs = BTreeMap::new();
        for (name, need) in &workspace.dependencies {
            needs.insert(name.clone(), need.wanted(name, folder)?);
        }
        manifest.root = Some(Root {
            members: Members::new(&workspace.members, &workspace.exclude),
            shared: shared(&needs, &[&workspace.rest, &cargo.patch, &cargo.profile]),
            needs,
        });
    }
    Ok(manifest)
}

/// What members share: not who they are.
fn shared(needs: &BTreeMap<String, (String, Wanted)>, tables: &[&toml::Table]) -> String {
    let mut rest = tables
        .iter()
        .map(|table| (*table).clone())
        .collect::<Vec<_>>();
    for table in &mut rest {
        table.remove("default-members");
    }
    format!("{needs:?}{rest:?}")
}

#[cfg(test)]
mod tests {
    use crate::manifest::tests::{needs, read};

    #[test]
    fn a_package_needs_others() {
        let manifest = read(
            "crates/a/Cargo.toml",
            r#"
            [package]
            name = "a"
            version.workspace = true
            [dependencies]
            b = { path = "../b" }
            c.workspace = true
            serde = "1"
            d = { package = "real-d", git = "https://example.org/d" }
            [dev-dependencies]
            e = { path = "../../tools/e", version = "1" }
            [target.'cfg(unix)'.build-dependencies]
            cc = "1.2"
            "#,
        );
        assert_eq!(manifest.name.as_deref(), Some("a"));
        assert_eq!(
            needs(&manifest),
            [
                "runtime b /crates/b",
                "runtime c workspace",
                "runtime real-d outside https://example.org/d",
                "runtime serde outside 1",
                "development e /tools/e",
                "build cc outside 1.2",
            ]
        );
    }

    #[test]
    fn members_share_all_but_who_they_are() {
        let root = |text: &str| read("Cargo.toml", text).root.unwrap().shared;
        let one = root(
            "[workspace]\nmembers = [\"a\"]\ndefault-members = [\"a\"]\n[workspace.dependencies]\nb = \"1\"",
        );
        assert_eq!(
            one,
            root("[workspace]\nmembers = [\"a\", \"c\"]\n[workspace.dependencies]\nb = \"1\"")
        );
        assert_ne!(
            one,
            root("[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\nb = \"2\"")
        );
        assert_ne!(
            one,
            root(
                "[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\nb = \"1\"\n[profile.dev]\ndebug = 1"
            )
        );
    }
}
