//! `trunkline task list`.

use serde_json::{Value, json};
use trunkline_task::Namespace;
use trunkline_terminal::plural;

use super::checkout::{Checkout, Detail};
use crate::Failure;
use crate::cli::{Globals, TaskList};

/// Whose results those of a laptop are.
pub(super) fn own() -> Namespace {
    Namespace::User("local".to_owned())
}

pub(super) fn list(globals: &Globals, wanted: &TaskList) -> Result<(), Failure> {
    let checkout = Checkout::open(&wanted.place.repository, Detail::Keys)?;
    let rows: Vec<Value> = checkout
        .plan
        .tasks
        .iter()
        .map(|task| {
            let needs = task
                .needs
                .iter()
                .map(|need| checkout.plan.tasks[*need].definition.name.to_string());
            json!({
                "task": task.definition.name.to_string(),
                "command": task.definition.command,
                "folder": task.definition.folder,
                "needs": needs.collect::<Vec<_>>(),
                "key": task.plan_key.to_string(),
            })
        })
        .collect();
    let printer = globals.printer();
    printer.document(&json!(rows), &rows, &["task", "command", "folder"])?;
    for finding in &checkout.findings {
        printer.warn(finding);
    }
    printer.say(&plural(rows.len() as u64, "task"));
    Ok(())
}
