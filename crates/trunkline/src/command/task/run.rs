//! `trunkline task run`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use trunkline_model::{SystemClock, code};
use trunkline_task::{Direct, Launch, Looks, Outcome, RunOptions, Runner, Summary, TaskError};
use trunkline_terminal::plural;
use trunkline_workshop::{EnvironmentSecrets, OnceNeeded, Toolchain};

use super::checkout::{Checkout, Detail};
use super::list::own;
use super::told::{Told, words};
use crate::cli::{Globals, TaskRun};
use crate::command::interrupt;
use crate::{Exit, Failure};

/// How long a task may take that says nothing itself.
const TIME: Duration = Duration::from_secs(3_600);
/// Launchers that are ready beside as many as run at once.
const AHEAD: usize = 1;
/// Bytes of a log that are kept.
const LOG: usize = 16 << 20;

pub(super) async fn run(globals: &Globals, wanted: &TaskRun) -> Result<Exit, Failure> {
    let checkout = Checkout::open(&wanted.place.repository, Detail::Keys)?;
    let places = chosen(&checkout, wanted)?;
    let printer = globals.printer();
    for finding in &checkout.findings {
        printer.warn(finding);
    }
    if wanted.dry_run {
        let names = places
            .iter()
            .map(|place| checkout.plan.tasks[*place].definition.name.to_string());
        let rows: Vec<Value> = names.map(|name| json!({"task": name})).collect();
        printer.document(&json!(rows), &rows, &["task"])?;
        printer.say(&format!(
            "{} would run, or be known",
            plural(rows.len() as u64, "task")
        ));
        return Ok(Exit::Done);
    }
    let stop = CancellationToken::new();
    let store = checkout.store(&wanted.results)?;
    let looks = Arc::new(Looks::open(&store, &checkout.root));
    let options = RunOptions {
        looks: Some(Arc::clone(&looks)),
        ..options(&checkout, wanted, stop.clone())
    };
    let runner = Runner::new(
        store.clone(),
        launch(
            wanted,
            (options.parallel + AHEAD).min(places.len().saturating_sub(1)),
        )?,
        Arc::new(EnvironmentSecrets),
        Arc::new(SystemClock),
    );
    let told = Told(printer);
    let work = runner.run(&checkout.plan, &places, &options, &told);
    tokio::pin!(work);
    let mut interrupted = false;
    let summary = loop {
        tokio::select! {
            summary = &mut work => break summary,
            () = interrupt::pressed(), if !interrupted => {
                interrupted = true;
                stop.cancel();
            }
        }
    };
    looks.save();
    let summary = summary.map_err(|error: TaskError| Failure::of(&error))?;
    print(globals, &summary)?;
    if interrupted {
        return Ok(Exit::Interrupted);
    }
    Ok(if summary.is_green() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// As confined as this machine gives, unless a person does not want that.
fn launch(wanted: &TaskRun, warm: usize) -> Result<Arc<dyn Launch>, Failure> {
    if wanted.unconfined {
        return Ok(Arc::new(Direct));
    }
    let launcher = std::env::current_exe()?;
    Ok(Arc::new(OnceNeeded::new(launcher, warm)))
}

/// The places of the tasks that are named.
fn chosen(checkout: &Checkout, wanted: &TaskRun) -> Result<Vec<usize>, Failure> {
    let plan = &checkout.plan;
    let mut places = BTreeSet::new();
    for name in &wanted.tasks {
        if name.contains('#') {
            places.insert(plan.find(name).map_err(|error| Failure::of(&error))?);
            continue;
        }
        let before = places.len();
        let called = |place: &usize| plan.tasks[*place].definition.name.task == *name;
        places.extend((0..plan.tasks.len()).filter(called));
        if places.len() == before {
            let what = format!("no project has a task `{name}`");
            return Err(Failure::new(&code::TASK_UNKNOWN, what));
        }
    }
    if let Some(revision) = &wanted.affected_from {
        let before = checkout.plan_at(revision)?;
        let changed: BTreeSet<_> = plan
            .changed_since(&before)
            .into_iter()
            .map(|task| &task.definition.name)
            .collect();
        places.retain(|place| changed.contains(&plan.tasks[*place].definition.name));
    }
    Ok(places.into_iter().collect())
}

fn options(checkout: &Checkout, wanted: &TaskRun, stop: CancellationToken) -> RunOptions {
    // Not the person's own, which has keys in it and mostly the checkout too.
    let home = checkout.home.clone();
    let mut toolchain = Toolchain::find(&home, |name| checkout.environment.get(name).cloned());
    toolchain.environment.remove("CI");
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    RunOptions {
        root: checkout.root.clone(),
        namespace: own(),
        by: checkout
            .environment
            .get("USER")
            .cloned()
            .unwrap_or_default(),
        base_environment: toolchain.environment,
        environment: checkout.environment.clone(),
        readable: toolchain.readable,
        writable: toolchain.writable,
        parallel: wanted.parallel.map_or(processors, usize::from),
        force: wanted.force,
        looks: None,
        timeout: TIME,
        log_bytes: LOG,
        memory_bytes: None,
        stop,
    }
}

fn print(globals: &Globals, summary: &Summary) -> Result<(), Failure> {
    let rows: Vec<Value> = summary
        .tasks
        .iter()
        .map(|(name, outcome, time, _)| {
            let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            json!({"task": name.to_string(), "outcome": words(*outcome), "milliseconds": milliseconds})
        })
        .collect();
    globals
        .printer()
        .document(&json!(rows), &rows, &["task", "outcome", "milliseconds"])?;
    let known = summary.count(|outcome| outcome == Outcome::Hit);
    let ran = summary.count(|outcome| outcome == Outcome::Ran);
    let failed = rows.len() - known - ran;
    globals.printer().say(&format!(
        "{known} known, {ran} ran, {failed} did not end well"
    ));
    Ok(())
}
