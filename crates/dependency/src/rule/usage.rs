//! Needs of other projects that nobody uses, and uses that nobody declared.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_project::{DependencyKind, Ecosystem, Graph};

use crate::catalogue::{Catalogue, Need};
use crate::error::DependencyError;
use crate::model::{Finding, Fix, FixKind, Kind};
use crate::source::Sources;
use crate::usage::{Uses, scan};

pub(crate) fn find(
    graph: &Graph,
    catalogue: &Catalogue<'_>,
    sources: &dyn Sources,
    paths: &[String],
) -> Result<Vec<Finding>, DependencyError> {
    let all = scan(graph, catalogue, sources, paths)?;
    let mut findings = Vec::new();
    for (place, uses) in all.iter().enumerate() {
        findings.extend(unused(graph, catalogue, place, uses));
        findings.extend(missing(graph, catalogue, place, uses));
    }
    Ok(findings)
}

fn unused(graph: &Graph, catalogue: &Catalogue<'_>, place: usize, uses: &Uses) -> Vec<Finding> {
    // A project without sources is there for what it needs.
    if uses.files == 0 || uses.is_partial {
        return Vec::new();
    }
    let mut idle: BTreeMap<usize, Need<'_>> = BTreeMap::new();
    for need in catalogue.needs(place) {
        let Some(target) = need.target else { continue };
        let other = &graph.projects[target];
        let is_found = catalogue
            .get(&other.manifest)
            .is_some_and(|described| described.is_plugin);
        let counts = need.declaration.kind != DependencyKind::Peer && !need.declaration.indirect;
        if counts && !is_found && !uses.mentioned.contains(&target) {
            idle.entry(target).or_insert(need);
        }
    }
    let project = &graph.projects[place];
    let findings = idle.into_iter().map(|(target, need)| {
        let other = &graph.projects[target];
        let problem = format!(
            "`{}` needs `{}` and no file of it says so",
            project.name, other.name
        );
        let mut finding = Finding::new(Kind::Unused, need.path, Some(need.line), problem)
            .about(project.ecosystem, &other.name);
        finding.projects = vec![project.label()];
        finding.hint = Some("remove it, or tell the policy why it stays".into());
        finding.fixes = vec![Fix {
            path: need.path.to_owned(),
            name: other.name.clone(),
            kind: FixKind::Remove,
        }];
        finding
    });
    findings.collect()
}

fn missing(graph: &Graph, catalogue: &Catalogue<'_>, place: usize, uses: &Uses) -> Vec<Finding> {
    let project = &graph.projects[place];
    let mut declared: BTreeSet<String> = BTreeSet::new();
    for need in catalogue.needs(place) {
        declared.insert(need.name.to_owned());
        declared.insert(need.declaration.key.clone());
    }
    // What the root of a workspace of Node needs is there for all members.
    for (_, ecosystem, described) in catalogue.roots() {
        if ecosystem == project.ecosystem {
            declared.extend(described.declarations.iter().map(|one| one.name.clone()));
        }
    }
    let needs: BTreeSet<usize> = project
        .dependencies
        .iter()
        .map(|need| need.project)
        .collect();
    let all = uses.imported.iter().filter(|(target, _)| {
        let name = &graph.projects[**target].name;
        !needs.contains(target) && !declared.contains(name) && *name != project.name
    });
    let findings = all.map(|(target, (file, line))| {
        let other = &graph.projects[*target];
        let problem = format!(
            "`{}` uses `{}` and does not need it",
            project.name, other.name
        );
        let mut finding = Finding::new(Kind::Missing, file, Some(*line), problem)
            .about(project.ecosystem, &other.name);
        finding.projects = vec![project.label()];
        finding.hint = Some(format!(
            "add {} to {}",
            declaration(other.ecosystem, &other.name),
            project.manifest
        ));
        finding
    });
    findings.collect()
}

/// What a manifest would say.
fn declaration(ecosystem: Ecosystem, name: &str) -> String {
    match ecosystem {
        Ecosystem::Cargo => format!("`{name}.workspace = true`, or its path,"),
        Ecosystem::Node => format!("`\"{name}\": \"workspace:*\"`"),
        Ecosystem::Go => format!("`require {name}`"),
        Ecosystem::Python | Ecosystem::Service => format!("`\"{name}\"`"),
    }
}
