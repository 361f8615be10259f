//! From findings to edits of manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use trunkline_lockfile::Format;
use trunkline_project::Ecosystem;

use crate::error::DependencyError;
use crate::lock;
use crate::manifest::{Declaration, Described, describe};
use crate::model::{Command, Fix, FixKind, Report};
use crate::path;
use crate::source::Sources;

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which file.
    pub path: String,
    /// Its bytes now.
    pub old: Vec<u8>,
    /// The bytes that it shall have.
    pub new: Vec<u8>,
}

/// What has to be done about a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// Edits of manifests, in the order of their paths.
    pub edits: Vec<Edit>,
    /// What the edits mend.
    pub made: Vec<Fix>,
    /// Commands for what only the tool of a lockfile may do, to be run after the edits, each once.
    pub commands: Vec<Command>,
    /// Fixes that have to be made by hand, because the form of the manifest is one that cannot be edited without a risk.
    pub left: Vec<Fix>,
}

/// The edits that mend what `report` found. All but the ranges and the entries that change stays as it is, comments too. Lockfiles are not
/// edited: the commands say what their own tools have to do.
///
/// # Errors
/// [`DependencyError::Edit`] where a manifest is no longer what the report was made of, and [`DependencyError::Sources`] where one cannot be
/// read.
pub fn fix(report: &Report, sources: &dyn Sources) -> Result<Fixes, DependencyError> {
    let mut by_path: BTreeMap<&str, BTreeSet<&Fix>> = BTreeMap::new();
    for fix in report.findings.iter().flat_map(|finding| &finding.fixes) {
        by_path.entry(&fix.path).or_default().insert(fix);
    }
    let mut fixes = Fixes::default();
    for (path, wanted) in by_path {
        let Some(old) = sources.read(path)? else {
            return Err(gone(path, &wanted));
        };
        let text = std::str::from_utf8(&old).map_err(|_| gone(path, &wanted))?;
        let mut new = text.to_owned();
        for fix in wanted {
            match apply(fix, &new)? {
                Some(text) => {
                    new = text;
                    fixes.made.push(fix.clone());
                }
                None => fixes.left.push(fix.clone()),
            }
        }
        if new != text {
            fixes.edits.push(Edit {
                path: path.to_owned(),
                old: old.into_owned(),
                new: new.into_bytes(),
            });
        }
    }
    fixes.commands = commands(report, &fixes.edits, &sources.paths()?);
    Ok(fixes)
}

fn gone(path: &str, fixes: &BTreeSet<&Fix>) -> DependencyError {
    let name = fixes.iter().next().map_or("", |fix| fix.name.as_str());
    missing(path, name)
}

fn missing(path: &str, name: &str) -> DependencyError {
    DependencyError::Edit {
        path: path.to_owned(),
        name: name.to_owned(),
    }
}

/// `text` with one fix; nothing where its form does not allow that.
fn apply(fix: &Fix, text: &str) -> Result<Option<String>, DependencyError> {
    let gone = || missing(&fix.path, &fix.name);
    let mut text = text.to_owned();
    let (_, before) = describe(&fix.path, text.as_bytes()).ok_or_else(gone)?;
    let count = before
        .declarations
        .iter()
        .filter(|one| is_meant(fix, one))
        .count();
    if count == 0 {
        return Err(gone());
    }
    // One after the other, since each moves what follows it.
    for _ in 0..count {
        let (_, described) = describe(&fix.path, text.as_bytes()).ok_or_else(gone)?;
        let found = described.declarations.iter().find(|one| is_meant(fix, one));
        let Some((place, new)) = found.and_then(|found| change(fix, found)) else {
            return Ok(None);
        };
        text.replace_range(place, new);
    }
    let (_, after) = describe(&fix.path, text.as_bytes()).ok_or_else(gone)?;
    Ok(is_as_meant(fix, &before, &after).then_some(text))
}

/// Whether a fix is about a declaration.
fn is_meant(fix: &Fix, declaration: &Declaration) -> bool {
    declaration.name == fix.name
        && match &fix.kind {
            FixKind::Range { from, .. } => declaration.wanted == *from,
            FixKind::Remove => !declaration.shared,
        }
}

fn change<'a>(fix: &'a Fix, declaration: &Declaration) -> Option<(Range<usize>, &'a str)> {
    match &fix.kind {
        FixKind::Range { to, .. } => Some((declaration.range.clone()?, to)),
        FixKind::Remove => Some((declaration.entry.clone()?, "")),
    }
}

/// Whether all that was not meant is declared as before.
fn is_as_meant(fix: &Fix, before: &Described, after: &Described) -> bool {
    let expected = before.declarations.iter().filter_map(|one| {
        let wanted = match &fix.kind {
            FixKind::Range { to, .. } if is_meant(fix, one) => to,
            FixKind::Remove if is_meant(fix, one) => return None,
            _ => &one.wanted,
        };
        Some((one.name.as_str(), wanted.as_str(), one.kind, one.shared))
    });
    let found = after
        .declarations
        .iter()
        .map(|one| (one.name.as_str(), one.wanted.as_str(), one.kind, one.shared));
    expected.eq(found)
}

/// What tools have to do: for each manifest that changes, that of the nearest lock above it; and what findings name.
fn commands(report: &Report, edits: &[Edit], paths: &[String]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let named = report.findings.iter().filter_map(|one| one.command.clone());
    let relocked: BTreeSet<Command> = edits
        .iter()
        .filter_map(|edit| relock(&edit.path, paths))
        .collect();
    for command in relocked.into_iter().chain(named) {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands
}

fn relock(manifest: &str, paths: &[String]) -> Option<Command> {
    let wanted = match path::name(manifest) {
        "Cargo.toml" => Ecosystem::Cargo,
        "package.json" => Ecosystem::Node,
        "go.mod" => Ecosystem::Go,
        _ => Ecosystem::Python,
    };
    let folder = path::folder(manifest);
    let above = paths.iter().filter_map(|file| {
        let format = Format::of(file).filter(|format| lock::ecosystem(*format) == wanted)?;
        path::below(folder, path::folder(file)).map(|_| (path::folder(file), format))
    });
    let (folder, format) = above.max_by_key(|(folder, _)| folder.len())?;
    Some(Command {
        folder: folder.to_owned(),
        line: lock::relock(format).to_owned(),
    })
}
