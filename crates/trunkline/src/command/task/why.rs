//! `trunkline task why`.

use serde_json::{Value, json};
use trunkline_task::{Difference, difference};

use super::checkout::{Checkout, Detail};
use crate::Failure;
use crate::cli::{Globals, TaskWhy};

pub(super) fn why(globals: &Globals, wanted: &TaskWhy) -> Result<(), Failure> {
    let checkout = Checkout::open(&wanted.place.repository, Detail::Ingredients)?;
    let before = checkout.plan_at(&wanted.from)?;
    let place = checkout.plan.find(&wanted.task);
    let place = place.map_err(|error| Failure::of(&error))?;
    let name = checkout.plan.tasks[place].definition.name.clone();
    let found = difference(&before, &checkout.plan, &name);
    let rows: Vec<Value> = found
        .iter()
        .map(|one| {
            let (what, name) = words(one);
            json!({"differs": what, "name": name})
        })
        .collect();
    let printer = globals.printer();
    if rows.is_empty() {
        let from = &wanted.from;
        printer.say(&format!(
            "{name} is the same as at {from}: its result would be known"
        ));
    }
    printer.document(&json!(rows), &rows, &["differs", "name"])?;
    Ok(())
}

fn words(difference: &Difference) -> (&'static str, &str) {
    match difference {
        Difference::New => ("the task is new", ""),
        Difference::Definition => ("its definition", ""),
        Difference::File(path) => ("file", path),
        Difference::Shared(path) => ("shared file", path),
        Difference::Workspace => ("what its workspace says", ""),
        Difference::Lockfile => ("its part of the lockfile", ""),
        Difference::Variable(name) => ("variable", name),
        Difference::Tool(name) => ("tool", name),
        Difference::Needs(name) => ("what it needs", name),
    }
}
