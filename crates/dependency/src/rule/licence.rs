//! Licences that are not allowed, or not known.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;
use trunkline_project::Ecosystem;

use crate::catalogue::Catalogue;
use crate::check::Inputs;
use crate::error::DependencyError;
use crate::licence::Expression;
use crate::lock::LockFile;
use crate::manifest::describe;
use crate::model::{Finding, Kind};
use crate::path;
use crate::policy::Reading;

/// What a team knows of licences: by ecosystem, by `name` or `name@version`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    cargo: BTreeMap<String, Spanned<String>>,
    go: BTreeMap<String, Spanned<String>>,
    node: BTreeMap<String, Spanned<String>>,
    python: BTreeMap<String, Spanned<String>>,
}

/// All licences that are known, by ecosystem and by `name` or `name@version`.
type Known = BTreeMap<(Ecosystem, String), String>;

pub(crate) fn find(
    inputs: &Inputs<'_>,
    catalogue: &Catalogue<'_>,
    locks: &[LockFile],
    paths: &[String],
) -> Result<Vec<Finding>, DependencyError> {
    let policy = inputs.policy;
    if policy.allowed_licences.is_empty() && !policy.unknown_licences {
        return Ok(Vec::new());
    }
    let mut known = vendored(inputs, paths)?;
    known.extend(of_file(inputs)?);
    let mut findings = Vec::new();
    for (place, project) in inputs.graph.projects.iter().enumerate() {
        let licence = catalogue.licence(place);
        // A project without a licence is nobody else's, and no finding.
        if let Some(problem) = licence.and_then(|licence| judge(Some(licence), inputs)) {
            let finding = problem.finding(&project.name, &project.manifest, None);
            let mut finding = finding.about(project.ecosystem, &project.name);
            finding.projects = vec![project.label()];
            findings.push(finding);
        }
    }
    let mut seen = BTreeSet::new();
    for file in locks {
        for (place, package) in file.outside() {
            let name = &package.name;
            if !seen.insert((file.ecosystem, name, &package.version)) {
                continue;
            }
            let exact = (file.ecosystem, format!("{name}@{}", package.version));
            let any = (file.ecosystem, name.clone());
            let licence = known.get(&exact).or_else(|| known.get(&any));
            let licence = licence.or(package.licence.as_ref()).map(String::as_str);
            let Some(problem) = judge(licence, inputs) else {
                continue;
            };
            let shown = format!("{name} {}", package.version);
            let finding = problem.finding(&shown, &file.path, file.line(place));
            let mut finding = finding.about(file.ecosystem, name);
            finding.projects = file.reached_by(&[place]).into_iter().collect();
            findings.push(finding);
        }
    }
    Ok(findings)
}

/// What is wrong with a licence.
enum Problem<'a> {
    Unknown,
    Unreadable(&'a str),
    Refused(&'a str),
}

impl Problem<'_> {
    fn finding(&self, name: &str, path: &str, line: Option<usize>) -> Finding {
        match self {
            Self::Unknown => {
                let problem = format!("the licence of `{name}` is not known");
                let mut finding = Finding::new(Kind::UnknownLicence, path, line, problem);
                finding.hint = Some("write it into the file of licences".into());
                finding
            }
            Self::Unreadable(licence) => {
                let problem = format!("the licence of `{name}` is no SPDX expression: {licence}");
                Finding::new(Kind::Licence, path, line, problem)
            }
            Self::Refused(licence) => {
                let problem = format!("the licence of `{name}` is not allowed: {licence}");
                Finding::new(Kind::Licence, path, line, problem)
            }
        }
    }
}

fn judge<'a>(licence: Option<&'a str>, inputs: &Inputs<'_>) -> Option<Problem<'a>> {
    let policy = inputs.policy;
    let Some(licence) = licence else {
        return policy.unknown_licences.then_some(Problem::Unknown);
    };
    if policy.allowed_licences.is_empty() {
        return None;
    }
    match Expression::parse(licence) {
        Err(_) => Some(Problem::Unreadable(licence)),
        Ok(expression) if expression.is_allowed(&policy.allowed_licences) => None,
        Ok(_) => Some(Problem::Refused(licence)),
    }
}

/// What the file of licences says.
fn of_file(inputs: &Inputs<'_>) -> Result<Known, DependencyError> {
    let path = &inputs.policy.licences;
    let Some(bytes) = inputs.sources.read(path)? else {
        return Ok(Known::new());
    };
    let reading = Reading::new(path, &bytes)?;
    let file: File = reading.parse()?;
    let all = [
        (Ecosystem::Cargo, file.cargo),
        (Ecosystem::Go, file.go),
        (Ecosystem::Node, file.node),
        (Ecosystem::Python, file.python),
    ];
    let mut known = Known::new();
    for (ecosystem, licences) in all {
        for (name, licence) in licences {
            if let Err(error) = Expression::parse(licence.as_ref()) {
                return Err(reading.wrong(&licence, error.to_string()));
            }
            known.insert((ecosystem, name), licence.into_inner());
        }
    }
    Ok(known)
}

/// What the manifests of packages say that are kept in the repository, as `cargo vendor` and a committed `node_modules` do.
fn vendored(inputs: &Inputs<'_>, paths: &[String]) -> Result<Known, DependencyError> {
    let mut known = Known::new();
    for file in paths {
        let name = match path::name(file) {
            "Cargo.toml" => vendored_crate(file),
            "package.json" => file.rsplit_once("node_modules/").map(|(_, rest)| rest),
            _ => continue,
        };
        let Some(folder) = name.map(path::folder) else {
            continue;
        };
        if let Some(bytes) = inputs.sources.read(file)?
            && let Some((ecosystem, described)) = describe(file, &bytes)
            && let Some(licence) = described.licence
        {
            known.insert(
                (ecosystem, named(ecosystem, folder, &described.text)),
                licence,
            );
        }
    }
    Ok(known)
}

/// `serde/Cargo.toml` of `third-party/vendor/serde/Cargo.toml`; what lies deeper is an example of that crate.
fn vendored_crate(file: &str) -> Option<&str> {
    let rest = file.strip_prefix("vendor/");
    let rest = rest.or_else(|| file.split_once("/vendor/").map(|(_, rest)| rest))?;
    (rest.matches('/').count() == 1).then_some(rest)
}

/// A vendored crate goes by its name and its version, since its folder may have either; a package of Node by its folder.
fn named(ecosystem: Ecosystem, folder: &str, text: &str) -> String {
    let table: Option<toml::Table> = (ecosystem == Ecosystem::Cargo)
        .then(|| toml::from_str(text).ok())
        .flatten();
    let package = table.as_ref().and_then(|table| table.get("package"));
    let word = |name: &str| package.and_then(|package| package.get(name)?.as_str());
    match (word("name"), word("version")) {
        (Some(name), Some(version)) => format!("{name}@{version}"),
        _ => folder.to_owned(),
    }
}
