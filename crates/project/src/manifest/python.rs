//! `pyproject.toml`, for uv, Poetry and whoever keeps to the standard.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use super::{Manifest, Root, Wanted, Wrong};
use crate::glob::Members;
use crate::model::{DependencyKind, Ecosystem};
use crate::path;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PyProject {
    project: Option<Standard>,
    #[serde(default)]
    dependency_groups: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    build_system: BuildSystem,
    #[serde(default)]
    tool: Tool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Standard {
    name: String,
    version: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BuildSystem {
    requires: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tool {
    uv: Uv,
    poetry: Poetry,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Uv {
    sources: BTreeMap<String, Value>,
    dev_dependencies: Vec<String>,
    workspace: Option<UvWorkspace>,
    #[serde(flatten)]
    rest: Table,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UvWorkspace {
    members: Vec<String>,
    exclude: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Poetry {
    name: Option<String>,
    version: Option<String>,
    dependencies: Table,
    dev_dependencies: Table,
    group: BTreeMap<String, PoetryGroup>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PoetryGroup {
    dependencies: Table,
}

/// A name as all tools compare it (PEP 503): `My.Package` is `my-package`.
pub(crate) fn normal(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        if matches!(letter, '-' | '_' | '.') {
            if !normal.ends_with('-') {
                normal.push('-');
            }
        } else {
            normal.extend(letter.to_lowercase());
        }
    }
    normal
}

/// The name of a requirement (PEP 508), and what follows it.
fn requirement(text: &str) -> Option<(String, &str)> {
    let text = text.trim();
    let is_name =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let end = text.find(|letter| !is_name(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty()).then(|| (normal(name), rest.trim()))
}

pub(super) fn read(text: &str, folder: &str) -> Result<Manifest, Wrong> {
    let file: PyProject = toml::from_str(text).map_err(|error| Wrong::toml(text, &error))?;
    let mut reading = Reading {
        manifest: Manifest::new(Ecosystem::Python),
        sources: &file.tool.uv.sources,
        folder,
    };
    if let Some(project) = &file.project {
        reading.manifest.name = Some(normal(&project.name));
        reading.manifest.version.clone_from(&project.version);
        reading.requirements(&project.dependencies, DependencyKind::Runtime)?;
        for needs in project.optional_dependencies.values() {
            reading.requirements(needs, DependencyKind::Runtime)?;
        }
    } else if let Some(name) = &file.tool.poetry.name {
        reading.manifest.name = Some(normal(name));
        reading
            .manifest
            .version
            .clone_from(&file.tool.poetry.version);
    }
    for group in file.dependency_groups.values() {
        // Beside requirements a group may have tables, which include other groups.
        let needs = group
            .iter()
            .filter_map(|need| need.as_str().map(str::to_owned));
        reading.requirements(&needs.collect::<Vec<_>>(), DependencyKind::Development)?;
    }
    reading.requirements(&file.tool.uv.dev_dependencies, DependencyKind::Development)?;
    reading.requirements(&file.build_system.requires, DependencyKind::Build)?;
    let poetry = &file.tool.poetry;
    reading.poetry(&poetry.dependencies, DependencyKind::Runtime)?;
    reading.poetry(&poetry.dev_dependencies, DependencyKind::Development)?;
    for group in poetry.group.values() {
        reading.poetry(&group.dependencies, DependencyKind::Development)?;
    }
    let mut manifest = reading.manifest;
    if let Some(workspace) = &file.tool.uv.workspace {
        let mut needs = BTreeMap::new();
        for (name, source) in &file.tool.uv.sources {
            let wanted = source_of(name, source, folder)?;
            needs.insert(normal(name), (normal(name), wanted));
        }
        manifest.root = Some(Root {
            members: Members::new(&workspace.members, &workspace.exclude),
            shared: format!("{needs:?}{:?}", file.tool.uv.rest),
            needs,
        });
    }
    Ok(manifest)
}

struct Reading<'a> {
    manifest: Manifest,
    sources: &'a BTreeMap<String, Value>,
    folder: &'a str,
}

impl Reading<'_> {
    fn requirements(&mut self, all: &[String], kind: DependencyKind) -> Result<(), Wrong> {
        for text in all {
            let Some((name, version)) = requirement(text) else {
                return Err(format!("`{text}` is no requirement").into());
            };
            let source = self.sources.iter().find(|(known, _)| normal(known) == name);
            let wanted = match source {
                Some((_, source)) => source_of(&name, source, self.folder)?,
                None => Wanted::Version(version.to_owned()),
            };
            self.manifest.need(&name, kind, wanted);
        }
        Ok(())
    }

    fn poetry(&mut self, all: &Table, kind: DependencyKind) -> Result<(), Wrong> {
        for (name, value) in all {
            if name == "python" {
                continue;
            }
            let name = normal(name);
            let wanted = match value {
                Value::String(version) => Wanted::Outside(version.clone()),
                source => source_of(&name, source, self.folder)?,
            };
            self.manifest.need(&name, kind, wanted);
        }
        Ok(())
    }
}

/// Where a table of uv or Poetry takes something from.
fn source_of(name: &str, source: &Value, folder: &str) -> Result<Wanted, Wrong> {
    let Value::Table(table) = source else {
        // Several sources, by platform; none of them is a folder in practice.
        return Ok(Wanted::Outside(String::new()));
    };
    if table.get("workspace").and_then(Value::as_bool) == Some(true) {
        return Ok(Wanted::Workspace);
    }
    if let Some(relative) = table.get("path").and_then(Value::as_str) {
        return match path::join(folder, relative) {
            Some(folder) if [".whl", ".tar.gz"].iter().any(|end| folder.ends_with(end)) => {
                Ok(Wanted::Outside(relative.to_owned()))
            }
            Some(folder) => Ok(Wanted::Folder(folder)),
            None => Err(format!("`{name}` lies outside of the repository: {relative}").into()),
        };
    }
    let place = ["version", "git", "url", "index"];
    let place = place.iter().find_map(|key| table.get(*key)?.as_str());
    Ok(Wanted::Outside(place.unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::normal;
    use crate::manifest::tests::{needs, read};

    #[test]
    fn names_are_compared_as_all_tools_do() {
        assert_eq!(normal("My._Package"), "my-package");
    }

    #[test]
    fn a_project_of_uv_needs_others() {
        let manifest = read(
            "python/a/pyproject.toml",
            r#"
            [project]
            name = "Shop.A"
            dependencies = ["shop_b", "httpx[http2]>=0.27; python_version > '3.9'", "c"]
            [project.optional-dependencies]
            fast = ["orjson"]
            [dependency-groups]
            dev = ["pytest>=8", { include-group = "lint" }]
            [tool.uv.sources]
            shop-b = { workspace = true }
            c = { path = "../../libs/c" }
            [build-system]
            requires = ["hatchling"]
            "#,
        );
        assert_eq!(manifest.name.as_deref(), Some("shop-a"));
        assert_eq!(
            needs(&manifest),
            [
                "runtime shop-b workspace",
                "runtime httpx [http2]>=0.27; python_version > '3.9'",
                "runtime c /libs/c",
                "runtime orjson ",
                "development pytest >=8",
                "build hatchling ",
            ]
        );
    }

    #[test]
    fn a_project_of_poetry_needs_others() {
        let manifest = read(
            "a/pyproject.toml",
            "[tool.poetry]\nname = \"a\"\n[tool.poetry.dependencies]\npython = \"^3.12\"\nb = { path = \"../b\", develop = true }\nrequests = \"^2\"\n[tool.poetry.group.dev.dependencies]\npytest = { version = \"^8\" }\n",
        );
        assert_eq!(
            needs(&manifest),
            [
                "runtime b /b",
                "runtime requests outside ^2",
                "development pytest outside ^8"
            ]
        );
    }
}
