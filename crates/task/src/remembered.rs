//! The plan of the last run in a checkout: where its files, tools and variables are the same, so is the plan, and no manifest is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::kept;
use crate::key::{Key, hash};
use crate::look::Look;
use crate::{Files, Plan, Surroundings, TaskError, graph_of};

/// Remembers the last plan of one checkout.
#[derive(Debug)]
pub struct Remembered {
    file: PathBuf,
}

/// A plan, and all that it was made of.
#[derive(Debug, Serialize, Deserialize)]
struct RememberedPlan {
    /// The hash of all files and of the program that made the plan.
    state: Key,
    /// Each tool that a task names, with what it said of its version.
    tools: BTreeMap<String, Option<String>>,
    /// Each variable that a task names, with the hash of its value: it may be a secret.
    variables: BTreeMap<String, Option<Key>>,
    plan: Plan,
    findings: Vec<String>,
}

impl Remembered {
    /// That of the checkout `root`, which is kept in `folder` and can be removed at any time.
    #[must_use]
    pub fn new(folder: &Path, root: &Path) -> Self {
        let name = hash(root.as_os_str().as_encoded_bytes()).to_string();
        Self {
            file: folder.join(name),
        }
    }

    /// The plan for `files`, and what a person should look at. Where it is remembered, its tasks do not know what they are made of.
    ///
    /// # Errors
    /// As [`Plan::new`] has them.
    pub fn plan(
        &self,
        files: &dyn Files,
        surroundings: Surroundings<'_>,
    ) -> Result<(Plan, Vec<String>), TaskError> {
        let state = state(files);
        if let Some(kept) = self.kept(state, surroundings) {
            return Ok((kept.plan, kept.findings));
        }
        let (plan, findings) = plan(files, surroundings)?;
        let kept = RememberedPlan::new(state, surroundings, plan, findings);
        kept::write(&self.file, &kept);
        Ok((kept.plan, kept.findings))
    }

    fn kept(&self, state: Key, surroundings: Surroundings<'_>) -> Option<RememberedPlan> {
        let kept: RememberedPlan = kept::read(&self.file)?;
        let same = kept.state == state
            && kept.tools == tools(kept.tools.keys(), surroundings)
            && kept.variables == variables(kept.variables.keys(), surroundings);
        same.then_some(kept)
    }
}

impl RememberedPlan {
    fn new(state: Key, surroundings: Surroundings<'_>, plan: Plan, findings: Vec<String>) -> Self {
        let named = |of: fn(&crate::Definition) -> &Vec<String>| -> BTreeSet<&String> {
            let tasks = plan.tasks.iter();
            tasks.flat_map(|task| of(&task.definition)).collect()
        };
        Self {
            state,
            tools: tools(named(|one| &one.tools), surroundings),
            variables: variables(named(|one| &one.env), surroundings),
            plan,
            findings,
        }
    }
}

/// The plan for `files`, made anew.
///
/// # Errors
/// As [`Plan::new`] has them.
pub fn plan(
    files: &dyn Files,
    surroundings: Surroundings<'_>,
) -> Result<(Plan, Vec<String>), TaskError> {
    let graph = graph_of(files)?;
    let plan = Plan::new(&graph, files, surroundings)?;
    let findings = graph.findings.iter().map(ToString::to_string);
    Ok((plan, findings.collect()))
}

fn tools<'a>(
    names: impl IntoIterator<Item = &'a String>,
    surroundings: Surroundings<'_>,
) -> BTreeMap<String, Option<String>> {
    let names = names.into_iter();
    names
        .map(|name| (name.clone(), surroundings.tools.version(name)))
        .collect()
}

fn variables<'a>(
    names: impl IntoIterator<Item = &'a String>,
    surroundings: Surroundings<'_>,
) -> BTreeMap<String, Option<Key>> {
    let value = |name| surroundings.environment.get(name);
    let names = names.into_iter();
    names
        .map(|name| {
            (
                name.clone(),
                value(name).map(|value| hash(value.as_bytes())),
            )
        })
        .collect()
}

/// The hash of all files, and of the program, since another one may plan otherwise.
fn state(files: &dyn Files) -> Key {
    let mut all = Vec::with_capacity(files.all().len() * 80);
    let program = std::env::current_exe().and_then(std::fs::metadata);
    let look = program.ok().map(|found| Look::of(&found));
    all.extend(format!("{look:?}").into_bytes());
    for (path, file) in files.all() {
        all.extend((path.len() as u64).to_le_bytes());
        all.extend(path.as_bytes());
        all.push(file.mode.byte());
        all.extend(file.id.as_slice());
    }
    hash(&all)
}
