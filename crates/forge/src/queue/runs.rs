//! Running the tasks of candidates.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use trunkline_landing::{CandidateId, ChangeId, Event, Key, Verdict};
use trunkline_store::outbox;

use super::actor::{Actor, Done};
use super::follow::Notes;
use super::group::Group;
use crate::forge::Hosted;
use crate::store::{self, Landing};
use crate::{Forge, ForgeError, PlannedTask, Run, RunEnd, RunOrder, RunState};

/// Projects whose runs are remembered.
const RUNS: usize = 4_096;

/// The tasks of one project under way.
#[derive(Debug)]
pub(super) struct Running {
    /// Tells this time from another with the same key.
    name: String,
    /// Ends them.
    pub(super) stop: CancellationToken,
    /// What they run for.
    changes: Vec<ChangeId>,
    now: CurrentRun,
}

/// The run that is under way, of the tasks of one project.
type CurrentRun = Arc<Mutex<Option<String>>>;

impl Running {
    /// The run that is under way for a landing.
    pub(super) fn run_of(&self, change: ChangeId) -> Option<String> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.clone().filter(|_| self.changes.contains(&change))
    }
}

impl Actor {
    /// Begins to run the tasks of a project in a tree of the candidate.
    pub(super) async fn begin_run(&mut self, key: Key, candidate: CandidateId) {
        let merged = self.candidates.get(&candidate).cloned();
        let group = merged
            .as_ref()
            .and_then(|merged| merged.groups.get(&key).cloned());
        let (Some(merged), Some(group)) = (merged, group) else {
            tracing::error!(%candidate, %key, "the rules run what was not planned");
            return;
        };
        let stop = self.stop.child_token();
        let name = self.forge.ids.ulid(self.forge.clock.now()).to_string();
        let now = CurrentRun::default();
        let running = Running {
            name: name.clone(),
            stop: stop.clone(),
            changes: merged.parts.iter().map(|part| part.change).collect(),
            now: Arc::clone(&now),
        };
        self.running.insert(key, running);
        let parts = merged.parts.iter();
        let work = Work {
            forge: Arc::clone(&self.forge),
            hosted: Arc::clone(&self.hosted),
            notes: self.notes.clone(),
            landings: parts
                .filter_map(|part| self.landings.get(&part.change).cloned())
                .collect(),
            commit: merged.tip,
            group,
            stop,
            now,
        };
        self.beside(async move {
            let runs = work.run().await;
            Done::Ran { key, name, runs }
        });
    }

    /// The tasks of a project ended.
    pub(super) async fn ran(&mut self, key: Key, name: &str, runs: Vec<Run>) {
        let wanted = self
            .running
            .get(&key)
            .is_some_and(|running| running.name == name);
        let green = runs.iter().all(|run| run.state == RunState::Green);
        if !wanted {
            // It was stopped: what it found out all the same is as true as ever, and bad news would count twice.
            if green {
                self.step(Event::Known { green: vec![key] }).await;
            }
            return;
        }
        self.running.remove(&key);
        if self.ran.len() >= RUNS {
            self.ran.clear();
            self.red.clear();
        }
        let red = runs.iter().filter(|run| run.state != RunState::Green);
        let red: Vec<_> = red.map(|run| run.task.clone()).collect();
        if !red.is_empty() {
            self.red.entry(key).or_default().extend(red);
        }
        self.ran.insert(key, runs);
        let verdict = if green { Verdict::Green } else { Verdict::Red };
        self.step(Event::Finished { key, verdict }).await;
    }

    /// Tasks of a project were red, and green with the same keys.
    pub(super) async fn flaky(&mut self, key: Key) {
        // What was green the first time did not run again, and what comes after a red task ran only now.
        let red = self.red.remove(&key).unwrap_or_default();
        let mut runs = self.ran.get(&key).cloned().unwrap_or_default();
        for run in runs.iter_mut().filter(|run| red.contains(&run.task)) {
            run.flaky = true;
            finish(&self.forge, run).await;
        }
        self.ran.insert(key, runs);
    }
}

/// Writes down what became of a run, and that its key is green where it is, in one.
async fn finish(forge: &Forge, run: &Run) {
    let write = async {
        let mut transaction = forge.store.begin().await?;
        store::finish_run(transaction.connection(), run).await?;
        if run.state == RunState::Green {
            let now = forge.clock.now();
            store::mark_green(transaction.connection(), &run.key, &run.id, now).await?;
        }
        outbox::put(&mut transaction, &forge.made().task(run)?).await?;
        transaction.commit().await?;
        Ok::<_, ForgeError>(())
    };
    if let Err(error) = write.await {
        tracing::warn!(run = run.id, %error, "the end of a run cannot be written down");
    }
}

/// The tasks of one project at work.
struct Work {
    forge: Arc<Forge>,
    hosted: Arc<Hosted>,
    notes: Notes,
    /// What it is for.
    landings: Vec<Landing>,
    commit: gix::ObjectId,
    group: Group,
    stop: CancellationToken,
    now: CurrentRun,
}

impl Work {
    /// Runs one task after another, up to the first that does not end well. Those that are known to be green are not run.
    async fn run(self) -> Vec<Run> {
        let mut runs = Vec::new();
        for task in &self.group.tasks {
            if self.is_green(task).await {
                continue;
            }
            let run = self.run_one(task).await;
            self.set_now(None);
            let green = run.state == RunState::Green;
            runs.push(run);
            if !green {
                break;
            }
        }
        runs
    }

    fn set_now(&self, run: Option<String>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = run;
    }

    async fn is_green(&self, task: &PlannedTask) -> bool {
        let Ok(mut connection) = self.forge.reader().await else {
            return false;
        };
        let found = store::is_green(&mut connection, &task.key.to_string()).await;
        found.unwrap_or(false)
    }

    async fn run_one(&self, task: &PlannedTask) -> Run {
        let mut run = self.new_run(task);
        self.set_now(Some(run.id.clone()));
        if let Err(error) = self.write_begun(&run).await {
            tracing::warn!(run = run.id, %error, "a run cannot be written down");
        }
        let slot = tokio::select! {
            slot = self.forge.slots.acquire() => slot.ok(),
            () = self.stop.cancelled() => None,
        };
        let end = match slot {
            Some(_slot) => self.run_now(task, &mut run).await,
            None => RunEnd::Cancelled,
        };
        let now = self.forge.clock.now();
        run.milliseconds = Some((now.as_micros() - run.started.as_micros()) / 1_000);
        (run.state, run.cached, run.exit) = match end {
            RunEnd::Green { cached } => (RunState::Green, cached, Some(0)),
            RunEnd::Red { exit } => (RunState::Red, false, exit),
            RunEnd::TimedOut => (RunState::TimedOut, false, None),
            RunEnd::Cancelled => (RunState::Cancelled, false, None),
        };
        finish(&self.forge, &run).await;
        self.tell(&format!(
            "{} of {}: {}{} in {:.1} s",
            task.name,
            task.project,
            run.state.name(),
            if run.cached { ", known" } else { "" },
            run.milliseconds.unwrap_or(0) as f64 / 1_000.0
        ));
        run
    }

    fn new_run(&self, task: &PlannedTask) -> Run {
        let now = self.forge.clock.now();
        let last = self.landings.last();
        Run {
            id: format!("run_{}", self.forge.ids.ulid(now)),
            repository: self.hosted.info().name,
            landing: last.map_or_else(String::new, |landing| landing.id.clone()),
            change: last
                .and_then(|landing| landing.changes.last().copied())
                .unwrap_or(0),
            project: task.project.clone(),
            task: task.name.clone(),
            key: task.key.to_string(),
            commit: self.commit.to_string(),
            state: RunState::Running,
            cached: false,
            flaky: false,
            exit: None,
            started: now,
            milliseconds: None,
        }
    }

    async fn write_begun(&self, run: &Run) -> Result<(), ForgeError> {
        let mut transaction = self.forge.store.begin().await?;
        store::insert_run(transaction.connection(), run).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn run_now(&self, task: &PlannedTask, run: &mut Run) -> RunEnd {
        run.started = self.forge.clock.now();
        self.tell(&format!("{} of {}", task.name, task.project));
        let order = RunOrder {
            id: run.id.clone(),
            bare: self.hosted.bare.clone(),
            commit: self.commit,
            task: task.clone(),
            stop: self.stop.clone(),
        };
        let log = Arc::new(self.forge.logs.begin(&run.id));
        self.forge.workshop.run(order, log).await
    }

    /// Tells a line to everybody whose landing the run is for.
    fn tell(&self, line: &str) {
        for landing in &self.landings {
            self.notes.line(&landing.id, line);
        }
    }
}
