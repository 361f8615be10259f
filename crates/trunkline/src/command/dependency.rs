//! `trunkline deps`.

use std::borrow::Cow;
use std::path::Path;

use serde_json::{Value, json};
use trunkline_dependency::{
    Advisories, DependencyError, Inputs, NoPrices, Policy, Report, Sources, check, fix,
};
use trunkline_model::{Clock as _, SystemClock};
use trunkline_task::{Files as _, TaskError, WorkFiles, graph_of};
use trunkline_terminal::plural;

use crate::cli::{DepsCommand, DepsFix, Globals};
use crate::{Exit, Failure};

/// Looks at what projects need, or puts it right.
pub(super) fn run(globals: &Globals, command: DepsCommand) -> Result<Exit, Failure> {
    match command {
        DepsCommand::Check(wanted) => {
            let (_, report) = look(&wanted.place.repository)?;
            print(globals, &report)?;
            Ok(if report.findings.is_empty() {
                Exit::Done
            } else {
                Exit::Failed
            })
        }
        DepsCommand::Fix(wanted) => {
            put_right(globals, &wanted)?;
            Ok(Exit::Done)
        }
    }
}

/// The files of a checkout.
struct OfCheckout(WorkFiles);

impl Sources for OfCheckout {
    fn paths(&self) -> Result<Vec<String>, DependencyError> {
        Ok(self.0.all().keys().cloned().collect())
    }

    fn read(&self, path: &str) -> Result<Option<Cow<'_, [u8]>>, DependencyError> {
        let read = self.0.read(path);
        let read = read.map_err(|error| DependencyError::Sources {
            path: path.to_owned(),
            problem: error.to_string(),
        })?;
        Ok(read.map(Cow::Owned))
    }
}

fn look(place: &Path) -> Result<(OfCheckout, Report), Failure> {
    let failed = |error: TaskError| Failure::of(&error);
    let files = WorkFiles::open(place).map_err(failed)?;
    let graph = graph_of(&files).map_err(failed)?;
    let sources = OfCheckout(files);
    let look = || {
        let policy = Policy::load(&sources)?;
        let advisories = Advisories::load(&sources, &policy.advisories)?;
        check(&Inputs {
            graph: &graph,
            sources: &sources,
            policy: &policy,
            advisories: &advisories,
            prices: &NoPrices,
            now: SystemClock.now(),
        })
    };
    let report = look().map_err(|error: DependencyError| Failure::of(&error))?;
    Ok((sources, report))
}

fn print(globals: &Globals, report: &Report) -> Result<(), Failure> {
    let rows: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let place = match finding.line {
                Some(line) => format!("{}:{line}", finding.path),
                None => finding.path.clone(),
            };
            json!({
                "kind": finding.kind.as_str(),
                "ecosystem": finding.ecosystem,
                "name": finding.name,
                "place": place,
                "projects": finding.projects,
                "problem": finding.problem,
                "hint": finding.hint,
                "packages": finding.cost.as_ref().map(|cost| cost.packages),
                "fixable": !finding.fixes.is_empty(),
            })
        })
        .collect();
    let printer = globals.printer();
    printer.document(&json!(rows), &rows, &["kind", "name", "place", "problem"])?;
    let (projects, packages) = (report.projects as u64, report.packages as u64);
    printer.say(&format!(
        "{} in {} with {}",
        plural(rows.len() as u64, "finding"),
        plural(projects, "project"),
        plural(packages, "package")
    ));
    Ok(())
}

fn put_right(globals: &Globals, wanted: &DepsFix) -> Result<(), Failure> {
    let (sources, report) = look(&wanted.place.repository)?;
    let fixes = fix(&report, &sources).map_err(|error| Failure::of(&error))?;
    let printer = globals.printer();
    let root = sources.0.root().to_owned();
    for edit in &fixes.edits {
        let text = if wanted.dry_run {
            "would write"
        } else {
            "wrote"
        };
        if !wanted.dry_run {
            write(&root.join(&edit.path), &edit.new)?;
        }
        printer.say(&format!("{text} {}", edit.path));
    }
    let rows: Vec<Value> = fixes
        .edits
        .iter()
        .map(|edit| json!({"path": edit.path}))
        .collect();
    printer.document(&json!(rows), &rows, &["path"])?;
    for command in &fixes.commands {
        let folder = if command.folder.is_empty() {
            "."
        } else {
            &command.folder
        };
        printer.say(&format!(
            "a lockfile follows by its own tool: (cd {folder} && {})",
            command.line
        ));
    }
    if !fixes.left.is_empty() {
        printer.warn(&format!(
            "{} cannot be put right by itself",
            plural(fixes.left.len() as u64, "manifest")
        ));
    }
    Ok(())
}

/// Writes a file as a whole or not at all.
fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let part = path.with_extension("trunkline-part");
    std::fs::write(&part, content)?;
    std::fs::rename(&part, path)?;
    Ok(())
}
