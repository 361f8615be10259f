//! `tasks.toml`: what a repository says about the tasks of its projects.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::de::DeTable;
use trunkline_project::{Ecosystem, Graph, Project};

use crate::TaskError;

/// The file, in the root of a repository.
pub(crate) const FILE: &str = "tasks.toml";

/// What the file says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// For all projects, by the name of the task.
    all: BTreeMap<String, Rule>,
    cargo: BTreeMap<String, Rule>,
    node: BTreeMap<String, Rule>,
    go: BTreeMap<String, Rule>,
    python: BTreeMap<String, Rule>,
    service: BTreeMap<String, Rule>,
    /// For one project, by its name, `ecosystem:name` or folder.
    project: BTreeMap<String, BTreeMap<String, Rule>>,
}

/// What is said about one task. What is left out is as it would be without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rule {
    /// The command, for a shell; `{name}` and `{folder}` stand for those of the project. Empty where there is no such task.
    pub(crate) cmd: Option<String>,
    /// Where it runs: `project` or `root`.
    pub(crate) at: Option<Place>,
    pub(crate) inputs: Option<Vec<String>>,
    pub(crate) outputs: Option<Vec<String>>,
    pub(crate) env: Option<Vec<String>>,
    pub(crate) tools: Option<Vec<String>>,
    pub(crate) secrets: Option<Vec<String>>,
    /// Folders that are kept between runs on one machine.
    pub(crate) caches: Option<Vec<String>>,
    pub(crate) network: Option<bool>,
    #[serde(deserialize_with = "timeout")]
    pub(crate) timeout: Option<Duration>,
}

/// Where a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// In the folder of its project.
    Project,
    /// In the root of the repository.
    Root,
}

impl Rules {
    /// Reads the file of a repository whose projects are `graph`.
    pub(crate) fn read(text: &str, graph: &Graph) -> Result<Self, TaskError> {
        let rules: Self = toml::from_str(text)
            .map_err(|error| wrong(text, error.span(), error.message().to_owned()))?;
        for name in rules.project.keys() {
            let called = |project: &Project| names(project).contains(name);
            if !graph.projects.iter().any(called) {
                let problem = match graph.find(name) {
                    Ok(place) => format!(
                        "a project is named `{}` here, not `{name}`",
                        graph.projects[place].label()
                    ),
                    Err(error) => error.to_string(),
                };
                return Err(wrong(text, span_of_project(text, name), problem));
            }
        }
        Ok(rules)
    }

    /// The rules for `task` of `project`, the least particular first.
    pub(crate) fn for_task<'a>(&'a self, project: &Project, task: &str) -> Vec<&'a Rule> {
        self.tables(project)
            .into_iter()
            .filter_map(|table| table.get(task))
            .collect()
    }

    /// The names of the tasks that are said to be there for `project`.
    pub(crate) fn names<'a>(&'a self, project: &Project) -> impl Iterator<Item = &'a String> {
        let tables = self.tables(project).into_iter();
        tables
            .flatten()
            .filter(|(_, rule)| rule.cmd.is_some())
            .map(|(name, _)| name)
    }

    fn tables(&self, project: &Project) -> Vec<&BTreeMap<String, Rule>> {
        let of_ecosystem = match project.ecosystem {
            Ecosystem::Cargo => &self.cargo,
            Ecosystem::Node => &self.node,
            Ecosystem::Go => &self.go,
            Ecosystem::Python => &self.python,
            Ecosystem::Service => &self.service,
        };
        let mut tables = vec![&self.all, of_ecosystem];
        tables.extend(
            names(project)
                .iter()
                .filter_map(|name| self.project.get(name)),
        );
        tables
    }
}

/// What a project is called in the file: `ecosystem:name`, its name and its folder.
fn names(project: &Project) -> [String; 3] {
    let place = project.place().to_owned();
    [project.label(), project.name.clone(), place]
}

fn wrong(text: &str, span: Option<Range<usize>>, problem: String) -> TaskError {
    let before = span.map(|span| &text[..span.start.min(text.len())]);
    TaskError::Rules {
        path: FILE.to_owned(),
        line: before.map(|before| before.matches('\n').count() + 1),
        problem,
    }
}

/// Where the table of a project begins.
fn span_of_project(text: &str, name: &str) -> Option<Range<usize>> {
    let file = DeTable::parse(text).ok()?.into_inner();
    let projects = file.get("project")?.get_ref().as_table()?;
    let (key, _) = projects.iter().find(|(key, _)| key.get_ref() == name)?;
    Some(key.span())
}

fn timeout<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(from)?;
    let time = duration(&text).ok_or_else(|| D::Error::custom(no_time(&text)))?;
    Ok(Some(time))
}

/// What is said of a text that is no length of time.
pub(crate) fn no_time(text: &str) -> String {
    format!("`{text}` is no time: write `90s`, `5m` or `1h`, at most a day")
}

/// A length of time such as `90s`, `5m` or `1h`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, factor) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) if text.ends_with('s') => (number, 1),
        Some(number) if text.ends_with('m') => (number, 60),
        Some(number) => (number, 3_600),
        None => (text, 1),
    };
    let number: u64 = number.trim().parse().ok()?;
    let seconds = number.checked_mul(factor)?;
    (1..=86_400)
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_project::Manifest;

    fn read(text: &str) -> Result<Rules, TaskError> {
        let manifest = "[package]\nname = \"billing\"\n";
        let service = "name = \"bills\"\n";
        let manifests = [("a/Cargo.toml", manifest), ("a/service.toml", service)];
        let manifests = manifests.map(|(path, text)| Manifest::read(path, text.as_bytes()));
        Rules::read(text, &Graph::new(manifests))
    }

    #[test]
    fn a_project_that_is_none_is_said_with_its_line() {
        for name in ["billing", "a", "\"cargo:billing\""] {
            assert!(read(&format!("[project.{name}.test]\ncmd = \"x\"")).is_ok());
        }
        let said = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(
            said("[all.lint]\ncmd = \"x\"\n\n[project.biling.test]\ncmd = \"x\"\n"),
            "tasks.toml:4: there is no project `biling`; did you mean `billing`?"
        );
        assert_eq!(
            said("[project]\nbills.test.cmd = \"x\"\n"),
            "tasks.toml:2: a project is named `cargo:billing` here, not `bills`"
        );
        assert_eq!(
            said("[all.test]\ntimeout = \"soon\"\n"),
            "tasks.toml:2: `soon` is no time: write `90s`, `5m` or `1h`, at most a day"
        );
    }

    #[test]
    fn a_key_that_is_none_is_said_with_its_line() {
        let error = read("[cargo.build]\ncmd = \"x\"\n\n[cargo.test]\ncmdd = \"x\"\n").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("tasks.toml:5: unknown field `cmdd`"),
            "{error}"
        );
        let error = read("[carg.build]\n").unwrap_err().to_string();
        assert!(error.contains("unknown field `carg`"), "{error}");
        assert!(read("[project.a.lint]\ncmd = \"x\"\nat = \"root\"").is_ok());
    }

    #[test]
    fn times_have_units() {
        let seconds = |text| duration(text).map(|time| time.as_secs());
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("5m"), Some(300));
        assert_eq!(seconds("1h"), Some(3_600));
        assert_eq!(seconds("7"), Some(7));
        for wrong in ["", "m", "0s", "-1m", "5d", "25h", "99999999999999999999h"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
