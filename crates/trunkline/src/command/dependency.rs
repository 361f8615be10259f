//! `trunkline deps`.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trunkline_dependency::{
    Advisories, Cost, DependencyError, Fixes, Inputs, Installed, NoPrices, Policy, Prices, Report,
    Sources, check, fix,
};
use trunkline_model::{Clock as _, SystemClock};
use trunkline_shell::{Mode, Proposal, Trunk};
use trunkline_task::{CommitFiles, Files, TaskError, WorkFiles, graph_of};
use trunkline_terminal::{Printer, bytes, plural};

use crate::cli::{DepsCommand, DepsFix, Globals};
use crate::{Exit, Failure};

/// Where a fix that did not land is kept in the checkout.
const KEPT: &str = "refs/trunkline/deps-fix";

/// Looks at what projects need, or puts it right.
pub(super) fn run(globals: &Globals, command: DepsCommand) -> Result<Exit, Failure> {
    match command {
        DepsCommand::Check(wanted) => {
            let files = checkout(&wanted.place.repository)?;
            let paths: Vec<String> = files.all().keys().cloned().collect();
            let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
            let environment = |name: &str| set(name).map(PathBuf::from);
            let prices = Installed::new(files.root(), &paths, &environment);
            let (_, report) = look(files, &prices)?;
            print(globals, &report)?;
            Ok(if report.findings.is_empty() {
                Exit::Done
            } else {
                Exit::Failed
            })
        }
        DepsCommand::Fix(wanted) => {
            match wanted.land {
                Some(mode) => land(globals, &wanted, mode)?,
                None => put_right(globals, &wanted)?,
            }
            Ok(Exit::Done)
        }
    }
}

/// Files that git knows.
struct Known<F>(F);

impl<F: Files> Sources for Known<F> {
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

fn checkout(place: &Path) -> Result<WorkFiles, Failure> {
    WorkFiles::open(place, None).map_err(|error| Failure::of(&error))
}

fn look<F: Files>(files: F, prices: &dyn Prices) -> Result<(Known<F>, Report), Failure> {
    let graph = graph_of(&files).map_err(|error: TaskError| Failure::of(&error))?;
    let sources = Known(files);
    let look = || {
        let policy = Policy::load(&sources)?;
        let advisories = Advisories::load(&sources, &policy.advisories)?;
        check(&Inputs {
            graph: &graph,
            sources: &sources,
            policy: &policy,
            advisories: &advisories,
            prices,
            now: SystemClock.now(),
        })
    };
    let report = look().map_err(|error: DependencyError| Failure::of(&error))?;
    Ok((sources, report))
}

fn print(globals: &Globals, report: &Report) -> Result<(), Failure> {
    let rows = report.findings.iter().map(|finding| {
        let cost = finding.cost.as_ref();
        json!({
            "kind": finding.kind.as_str(),
            "ecosystem": finding.ecosystem,
            "name": finding.name,
            "place": finding.place(),
            "projects": finding.projects,
            "problem": finding.problem,
            "hint": finding.hint,
            "price": cost.map(price),
            "packages": cost.map(|cost| cost.packages),
            "bytes": cost.and_then(|cost| cost.bytes),
            "unmeasured": cost.map(|cost| cost.unmeasured),
            "fixable": !finding.fixes.is_empty(),
        })
    });
    let rows: Vec<Value> = rows.collect();
    let printer = globals.printer();
    let columns = ["kind", "name", "place", "price", "problem"];
    printer.document(&json!(rows), &rows, &columns)?;
    printer.say(&format!(
        "{} in {} with {}",
        plural(rows.len() as u64, "finding"),
        plural(report.projects as u64, "project"),
        plural(report.packages as u64, "package")
    ));
    Ok(())
}

/// What a duplicate costs, for people.
fn price(cost: &Cost) -> String {
    let size = match (cost.bytes, cost.unmeasured) {
        (None, _) => "size unknown".to_owned(),
        (Some(sum), 0) => bytes(sum),
        (Some(sum), unknown) => format!("{} and {unknown} of unknown size", bytes(sum)),
    };
    format!("{}, {size}", plural(cost.packages as u64, "package"))
}

fn put_right(globals: &Globals, wanted: &DepsFix) -> Result<(), Failure> {
    let (sources, report) = look(checkout(&wanted.place.repository)?, &NoPrices)?;
    let fixes = fix(&report, &sources).map_err(|error| Failure::of(&error))?;
    let printer = globals.printer();
    let root = sources.0.root();
    for edit in &fixes.edits {
        if wanted.dry_run {
            printer.say(&format!("would write {}", edit.path));
            continue;
        }
        write(&root.join(&edit.path), &edit.new)?;
        printer.say(&format!("wrote {}", edit.path));
    }
    let paths = fixes.edits.iter().map(|edit| json!({"path": edit.path}));
    let rows: Vec<Value> = paths.collect();
    printer.document(&json!(rows), &rows, &["path"])?;
    tell_rest(printer, &fixes, "a lockfile follows by its own tool");
    Ok(())
}

/// Makes a change of the fix of the trunk, and lands it.
fn land(globals: &Globals, wanted: &DepsFix, mode: Mode) -> Result<(), Failure> {
    let trunk = Trunk::fetch(&wanted.place.repository, wanted.remote.as_deref())?;
    let files = CommitFiles::open(trunk.root(), trunk.tip());
    let (sources, report) = look(files.map_err(|error| Failure::of(&error))?, &NoPrices)?;
    let fixes = fix(&report, &sources).map_err(|error| Failure::of(&error))?;
    let edits = fixes.edits.iter();
    let commands = fixes.commands.iter().filter(|_| wanted.relock);
    let commands = commands.map(|one| (one.folder.clone(), one.line.clone()));
    let proposal = Proposal {
        files: edits.map(|edit| (&*edit.path, &*edit.new)).collect(),
        tools: commands.collect(),
        message: fixes.message(wanted.relock),
        purpose: "trunkline deps fix",
        mode,
        kept: KEPT,
    };
    let words = if wanted.relock {
        "part of it, by the tool of a lockfile"
    } else {
        "not part of it without --relock"
    };
    tell_rest(globals.printer(), &fixes, words);
    trunk.propose(&proposal, wanted.dry_run, globals.printer())
}

fn tell_rest(printer: Printer, fixes: &Fixes, words: &str) {
    for command in &fixes.commands {
        printer.say(&format!("{words}: {command}"));
    }
    if !fixes.left.is_empty() {
        printer.warn(&format!(
            "{} cannot be put right by itself",
            plural(fixes.left.len() as u64, "manifest")
        ));
    }
}

/// Writes a file as a whole or not at all.
fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let part = path.with_extension("trunkline-part");
    std::fs::write(&part, content)?;
    std::fs::rename(&part, path)?;
    Ok(())
}
