//! `trunkline project`: questions to a git repository, which need no platform.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};
use trunkline_project::{
    Affected, DependencyKind, Graph, Project, ProjectError, Reason, Repository,
};
use trunkline_terminal::plural;

use crate::cli::{AtCommit, Globals, ProjectCommand, ProjectGraph, Range, Why};
use crate::{Exit, Failure};

/// Answers a question about projects.
pub(super) fn run(globals: &Globals, command: ProjectCommand) -> Result<Exit, Failure> {
    match command {
        ProjectCommand::List(commit) => list(globals, &commit)?,
        ProjectCommand::Graph(wanted) => graph(globals, &wanted)?,
        ProjectCommand::Affected(range) => touched(globals, &range)?,
        ProjectCommand::Why(wanted) => why(globals, &wanted)?,
    }
    Ok(Exit::Done)
}

fn read(commit: &AtCommit) -> Result<Arc<Graph>, Failure> {
    let read = || {
        let repository = Repository::discover(&commit.place.repository)?;
        repository.graph(repository.revision(&commit.at)?)
    };
    read().map_err(|error| Failure::of(&error))
}

fn list(globals: &Globals, commit: &AtCommit) -> Result<(), Failure> {
    let graph = read(commit)?;
    let rows: Vec<Value> = (0..graph.projects.len())
        .map(|place| row(&graph, place))
        .collect();
    let columns = [
        "name",
        "ecosystem",
        "folder",
        "service",
        "needs",
        "needed_by",
    ];
    print(globals, &graph, &rows, &columns)?;
    let (_, circle) = graph.order();
    if !circle.is_empty() {
        let names: Vec<_> = circle
            .iter()
            .map(|place| graph.projects[*place].label())
            .collect();
        globals.printer().warn(&format!(
            "in a circle, or above one, and so without an order to build them in: {}",
            names.join(", ")
        ));
    }
    globals.printer().say(&plural(rows.len() as u64, "project"));
    Ok(())
}

fn row(graph: &Graph, place: usize) -> Value {
    let project = &graph.projects[place];
    json!({
        "name": project.name,
        "ecosystem": project.ecosystem,
        "folder": project.place(),
        "manifest": project.manifest,
        "version": project.version,
        "service": project.service.as_ref().map(|service| &service.name),
        "workspace": project.workspace.map(|workspace| &graph.workspaces[workspace].manifest),
        "needs": project.dependencies.len(),
        "needed_by": graph.dependents(place).len(),
        "externals": project.externals,
    })
}

fn graph(globals: &Globals, wanted: &ProjectGraph) -> Result<(), Failure> {
    let graph = read(&wanted.commit)?;
    if wanted.dot {
        globals.printer().raw(dot(&graph).as_bytes())?;
        warn(globals, &graph);
        return Ok(());
    }
    let rows: Vec<Value> = graph
        .edges()
        .map(|edge| json!({"project": edge.from.label(), "needs": edge.to.label(), "for": edge.kind}))
        .collect();
    print(globals, &graph, &rows, &["project", "needs", "for"])
}

/// The graph in the language of Graphviz. What is needed for tests alone is dashed.
fn dot(graph: &Graph) -> String {
    let quoted = |project: &Project| format!("{:?}", project.label());
    let mut text = "digraph projects {\n  rankdir = LR;\n  node [shape = box];\n".to_owned();
    for project in &graph.projects {
        // Writing to a text cannot fail.
        let _infallible = writeln!(text, "  {};", quoted(project));
    }
    for edge in graph.edges() {
        let style = match edge.kind {
            DependencyKind::Development => " [style = dashed]",
            _ => "",
        };
        let _infallible = writeln!(
            text,
            "  {} -> {}{style};",
            quoted(edge.from),
            quoted(edge.to)
        );
    }
    text + "}\n"
}

/// The graph at the end of a range, and what of it the range touches.
fn compare(range: &Range) -> Result<(Arc<Graph>, Vec<Affected>), Failure> {
    let compare = || {
        let repository = Repository::discover(&range.place.repository)?;
        let to = repository.revision(&range.to)?;
        let from = repository.merge_base(repository.revision(&range.from)?, to)?;
        let found = repository.compare(from, to)?;
        Ok((found.head, found.affected))
    };
    compare().map_err(|error: ProjectError| Failure::of(&error))
}

fn touched(globals: &Globals, range: &Range) -> Result<(), Failure> {
    let (graph, affected) = compare(range)?;
    let rows: Vec<Value> = affected
        .iter()
        .map(|one| {
            let project = &graph.projects[one.project];
            json!({
                "name": project.name,
                "ecosystem": project.ecosystem,
                "folder": project.place(),
                "service": project.service.as_ref().map(|service| &service.name),
                "tests_only": one.tests_only,
                "because": because(&graph, one),
            })
        })
        .collect();
    print(
        globals,
        &graph,
        &rows,
        &["name", "ecosystem", "folder", "tests_only", "because"],
    )?;
    let (some, all) = (rows.len(), graph.projects.len());
    globals
        .printer()
        .say(&format!("{some} of {}", plural(all as u64, "project")));
    Ok(())
}

fn because(graph: &Graph, affected: &Affected) -> String {
    match &affected.reason {
        Reason::File(file) => format!("{file} changed"),
        Reason::Shared(file) => format!("{file} changed, which its workspace shares"),
        Reason::Needs(place) if affected.tests_only => {
            format!("its tests need {}", graph.projects[*place].label())
        }
        Reason::Needs(place) => format!("it needs {}", graph.projects[*place].label()),
        Reason::Gone(name) => format!("{name}, which it needed, is gone"),
    }
}

fn why(globals: &Globals, wanted: &Why) -> Result<(), Failure> {
    let (graph, affected) = compare(&wanted.range)?;
    let mut place = graph
        .find(&wanted.project)
        .map_err(|error| Failure::of(&error))?;
    let mut rows = Vec::new();
    while let Some(one) = affected.iter().find(|one| one.project == place) {
        let project = graph.projects[place].label();
        rows.push(json!({"project": project, "because": because(&graph, one)}));
        let Reason::Needs(next) = one.reason else {
            break;
        };
        place = next;
    }
    if rows.is_empty() {
        let name = graph.projects[place].label();
        globals
            .printer()
            .say(&format!("the range does not touch {name}"));
    }
    print(globals, &graph, &rows, &["project", "because"])
}

/// Prints rows, and after them what a person should look at.
fn print(
    globals: &Globals,
    graph: &Graph,
    rows: &[Value],
    columns: &[&str],
) -> Result<(), Failure> {
    globals.printer().document(&json!(rows), rows, columns)?;
    warn(globals, graph);
    Ok(())
}

fn warn(globals: &Globals, graph: &Graph) {
    for finding in &graph.findings {
        globals.printer().warn(&finding.to_string());
    }
}
