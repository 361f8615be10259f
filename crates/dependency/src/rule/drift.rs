//! Manifests that ask for different ranges of one package, or for another than the policy pins.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_project::{DependencyKind, Ecosystem, Graph};

use crate::catalogue::Catalogue;
use crate::manifest::{Declaration, Origin};
use crate::model::{Finding, Fix, FixKind, Kind};
use crate::policy::{Policy, Prefer};
use crate::version::Version;

/// Ranges that mean any version, and so drift from none.
const ANY: &[&str] = &["", "*", "x", "latest"];

/// One place where a range is asked for.
#[derive(Debug)]
struct Ask<'a> {
    path: &'a str,
    line: usize,
    wanted: &'a str,
    projects: BTreeSet<String>,
}

type Asks<'a> = BTreeMap<(Ecosystem, &'a str), BTreeMap<(&'a str, usize), Ask<'a>>>;

pub(crate) fn find(graph: &Graph, catalogue: &Catalogue<'_>, policy: &Policy) -> Vec<Finding> {
    let all = asks(graph, catalogue);
    let findings = all.iter().filter_map(|((ecosystem, name), asks)| {
        let asks: Vec<&Ask<'_>> = asks.values().collect();
        match policy.pin(ecosystem.as_str(), name) {
            Some(pin) => pinned(*ecosystem, name, &asks, pin),
            None => drifted(*ecosystem, name, &asks, policy.prefer),
        }
    });
    findings.collect()
}

fn asks<'a>(graph: &Graph, catalogue: &'a Catalogue<'_>) -> Asks<'a> {
    let mut asks: Asks<'a> = BTreeMap::new();
    for (place, project) in graph.projects.iter().enumerate() {
        for need in catalogue.needs(place) {
            let (path, declaration, line) = match need.shared {
                Some((path, shared)) => {
                    let line = catalogue.get(path).map_or(1, |root| root.line(shared));
                    (path, shared, line)
                }
                None => (need.path, need.declaration, need.line),
            };
            if need.target.is_some() || !can_drift(declaration) {
                continue;
            }
            let places = asks.entry((project.ecosystem, need.name)).or_default();
            let ask = places.entry((path, line)).or_insert_with(|| Ask {
                path,
                line,
                wanted: &declaration.wanted,
                projects: BTreeSet::new(),
            });
            ask.projects.insert(project.label());
        }
    }
    // What a root asks for counts, though nobody may have taken it over.
    for (path, ecosystem, described) in catalogue.roots() {
        for declaration in described.declarations.iter().filter(|one| can_drift(one)) {
            let is_member = graph
                .projects
                .iter()
                .any(|project| project.ecosystem == ecosystem && project.name == declaration.name);
            if is_member {
                continue;
            }
            let line = described.line(declaration);
            let places = asks.entry((ecosystem, &declaration.name)).or_default();
            places.entry((path, line)).or_insert_with(|| Ask {
                path,
                line,
                wanted: &declaration.wanted,
                projects: BTreeSet::new(),
            });
        }
    }
    asks
}

/// Whether a need asks for a range by itself. One of whoever uses the project is wide on purpose.
fn can_drift(declaration: &Declaration) -> bool {
    declaration.origin == Origin::Range
        && declaration.kind != DependencyKind::Peer
        && !declaration.indirect
        && !ANY.contains(&declaration.wanted.trim())
}

/// A range as it is compared: what means the same in the ecosystem is the same.
fn normal(ecosystem: Ecosystem, range: &str) -> String {
    let tight: String = match ecosystem {
        Ecosystem::Node => range.split_whitespace().collect::<Vec<_>>().join(" "),
        _ => range.split_whitespace().collect(),
    };
    match ecosystem {
        // Cargo reads `1.2` as `^1.2`.
        Ecosystem::Cargo => tight.strip_prefix('^').map_or(tight.clone(), str::to_owned),
        _ => tight,
    }
}

fn pinned(ecosystem: Ecosystem, name: &str, asks: &[&Ask<'_>], pin: &str) -> Option<Finding> {
    let problem = |count: usize| {
        let manifests = if count == 1 {
            "manifest asks"
        } else {
            "manifests ask"
        };
        format!("`{name}` is pinned to `{pin}` and {count} {manifests} for something else")
    };
    finding(Kind::Pin, ecosystem, name, asks, pin, problem)
}

fn drifted(ecosystem: Ecosystem, name: &str, asks: &[&Ask<'_>], prefer: Prefer) -> Option<Finding> {
    let mut ranges: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for ask in asks {
        let range = ranges
            .entry(normal(ecosystem, ask.wanted))
            .or_insert((0, ask.wanted));
        range.0 += 1;
    }
    if ranges.len() < 2 {
        return None;
    }
    let best = ranges.values().max_by_key(|(count, text)| {
        let count = if prefer == Prefer::Most { *count } else { 0 };
        (count, Version::lowest_of(ecosystem, text), *text)
    });
    let (_, best) = *best?;
    let shown = ranges
        .values()
        .map(|(count, text)| format!("`{text}` ({count})"));
    let shown: Vec<_> = shown.collect();
    let problem = |_| {
        format!(
            "`{name}` is asked for in {} ranges: {}",
            shown.len(),
            shown.join(", ")
        )
    };
    finding(Kind::Drift, ecosystem, name, asks, best, problem)
}

/// What is found where some of `asks` are not for `best`.
fn finding(
    kind: Kind,
    ecosystem: Ecosystem,
    name: &str,
    asks: &[&Ask<'_>],
    best: &str,
    problem: impl FnOnce(usize) -> String,
) -> Option<Finding> {
    let wanted = normal(ecosystem, best);
    let other = asks
        .iter()
        .filter(|ask| normal(ecosystem, ask.wanted) != wanted);
    let other: Vec<_> = other.collect();
    let first = other.first()?;
    let mut finding = Finding::new(kind, first.path, Some(first.line), problem(other.len()))
        .about(ecosystem, name);
    let projects: BTreeSet<_> = other.iter().flat_map(|ask| &ask.projects).collect();
    finding.projects = projects.into_iter().cloned().collect();
    finding.hint = Some(format!("let all ask for `{best}`"));
    let fixes: BTreeSet<Fix> = other
        .iter()
        .map(|ask| Fix {
            path: ask.path.to_owned(),
            name: name.to_owned(),
            kind: FixKind::Range {
                from: ask.wanted.to_owned(),
                to: best.to_owned(),
            },
        })
        .collect();
    finding.fixes = fixes.into_iter().collect();
    Some(finding)
}
