//! Why a task has another key than before.

use std::collections::BTreeMap;

use crate::Plan;
use crate::definition::TaskName;
use crate::key::Ingredients;

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// The task is new.
    New,
    /// Its command, folder, outputs or right to speak to others differ.
    Definition,
    /// A file that it reads was added, removed or changed.
    File(String),
    /// A file that it shares with others differs.
    Shared(String),
    /// What its workspace says to all members differs.
    Workspace,
    /// The part of the lockfile that reaches it differs.
    Lockfile,
    /// A variable of the environment differs.
    Variable(String),
    /// A tool has another version.
    Tool(String),
    /// A task that it needs has another key, or a project that it needs has other files.
    Needs(String),
}

/// What differs of the task `name` between two plans, in order; nothing where its key is the same or it is not in `now`. Of a plan that is
/// remembered nothing is known of files, tools and the like.
#[must_use]
pub fn difference(before: &Plan, now: &Plan, name: &TaskName) -> Vec<Difference> {
    let Some(new) = now.place(name).map(|place| &now.tasks[place]) else {
        return Vec::new();
    };
    let Some(old) = before.place(name).map(|place| &before.tasks[place]) else {
        return vec![Difference::New];
    };
    if old.plan_key == new.plan_key {
        return Vec::new();
    }
    let mut found = Vec::new();
    let (one, two) = (&old.definition, &new.definition);
    let same = one.command == two.command
        && one.folder == two.folder
        && one.output_patterns == two.output_patterns
        && one.network == two.network;
    if !same {
        found.push(Difference::Definition);
    }
    if let (Some(one), Some(two)) = (&old.ingredients, &new.ingredients) {
        found.extend(of_ingredients(one, two));
    }
    let keys = |plan: &Plan, needs: &[usize]| -> Vec<_> {
        let needs = needs.iter().map(|need| &plan.tasks[*need]);
        needs
            .map(|need| (need.definition.name.to_string(), need.plan_key))
            .collect()
    };
    let (one, two) = (keys(before, &old.needs), keys(now, &new.needs));
    found.extend(differing(&one, &two).map(Difference::Needs));
    found.sort();
    found
}

/// What differs of what two states of a task are made of.
fn of_ingredients(one: &Ingredients, two: &Ingredients) -> Vec<Difference> {
    let mut found = Vec::new();
    found.extend(differing(&one.files, &two.files).map(Difference::File));
    found.extend(differing(&one.shared, &two.shared).map(Difference::Shared));
    if one.manifest != two.manifest {
        found.push(Difference::Workspace);
    }
    if one.closure != two.closure {
        found.push(Difference::Lockfile);
    }
    found.extend(differing(&one.reached, &two.reached).map(Difference::Needs));
    found.extend(differing(&one.env, &two.env).map(Difference::Variable));
    found.extend(differing(&one.tools, &two.tools).map(Difference::Tool));
    found
}

/// The names whose values are not the same in both.
fn differing<T: PartialEq>(
    one: &[(String, T)],
    two: &[(String, T)],
) -> impl Iterator<Item = String> + use<T> {
    let old: BTreeMap<_, _> = one.iter().map(|(name, value)| (name, value)).collect();
    let new: BTreeMap<_, _> = two.iter().map(|(name, value)| (name, value)).collect();
    let names: Vec<String> = old
        .keys()
        .chain(new.keys().filter(|name| !old.contains_key(*name)))
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| (*name).clone())
        .collect();
    names.into_iter()
}
