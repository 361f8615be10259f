//! Running the tasks of candidates.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use trunkline_landing::{CandidateId, Event, Key, Verdict};
use trunkline_store::outbox;

use super::actor::{Actor, Done};
use super::follow::Notes;
use super::plan::Merged;
use crate::store;
use crate::{Forge, ForgeError, PlannedTask, Run, RunEnd, RunOrder, RunState};

/// Runs that are remembered.
const RUNS: usize = 4_096;

impl Actor {
    /// Begins a run of the task `key` in a tree of the candidate.
    pub(super) async fn begin_run(&mut self, key: Key, candidate: CandidateId) {
        let merged = self.candidates.get(&candidate).cloned();
        let task = merged
            .as_ref()
            .and_then(|merged| merged.tasks.get(&key).cloned());
        let (Some(merged), Some(task)) = (merged, task) else {
            tracing::error!(%candidate, %key, "the rules run what was not planned");
            return;
        };
        let stop = self.stop.child_token();
        let (run, landings) = self.new_run(&task, &merged);
        self.running.insert(key, (run.id.clone(), stop.clone()));
        if let Err(error) = self.write_begun(&run).await {
            tracing::warn!(run = run.id, %error, "a run cannot be written down");
        }
        let work = Work {
            forge: Arc::clone(&self.forge),
            hosted: Arc::clone(&self.hosted),
            notes: self.notes.clone(),
            landings,
            merged,
            task,
            stop,
        };
        self.beside(async move {
            let run = work.run(run).await;
            Done::Ran { key, run }
        });
    }

    /// A run, and the landings that it is for.
    fn new_run(&self, task: &PlannedTask, merged: &Merged) -> (Run, Vec<String>) {
        let now = self.forge.clock.now();
        let landings: Vec<_> = merged
            .parts
            .iter()
            .filter_map(|part| self.landings.get(&part.change))
            .collect();
        let last = landings.last();
        let run = Run {
            id: format!("run_{}", self.forge.ids.ulid(now)),
            repository: self.hosted.info().name,
            landing: last.map_or_else(String::new, |landing| landing.id.clone()),
            change: last
                .and_then(|landing| landing.changes.last().copied())
                .unwrap_or(0),
            project: task.project.clone(),
            task: task.name.clone(),
            key: task.key.to_string(),
            commit: merged.tip.to_string(),
            state: RunState::Running,
            cached: false,
            flaky: false,
            exit: None,
            started: now,
            milliseconds: None,
        };
        (
            run,
            landings
                .into_iter()
                .map(|landing| landing.id.clone())
                .collect(),
        )
    }

    async fn write_begun(&self, run: &Run) -> Result<(), ForgeError> {
        let mut transaction = self.forge.store.begin().await?;
        store::insert_run(transaction.connection(), run).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A run ended.
    pub(super) async fn ran(&mut self, key: Key, run: Run) {
        self.finish(&run).await;
        let wanted = self.running.get(&key).is_some_and(|(id, _)| *id == run.id);
        let green = run.state == RunState::Green;
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
        }
        self.ran.insert(key, run);
        let verdict = if green { Verdict::Green } else { Verdict::Red };
        self.step(Event::Finished { key, verdict }).await;
    }

    /// A task was red, and green with the same key.
    pub(super) async fn flaky(&mut self, key: Key) {
        let Some(run) = self.ran.get_mut(&key) else {
            return;
        };
        run.flaky = true;
        let run = run.clone();
        self.finish(&run).await;
    }

    /// Writes down what became of a run, and that its key is green where it is, in one.
    async fn finish(&self, run: &Run) {
        let forge = &self.forge;
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
}

/// One run at work.
struct Work {
    forge: Arc<Forge>,
    hosted: Arc<crate::forge::Hosted>,
    notes: Notes,
    landings: Vec<String>,
    merged: Arc<Merged>,
    task: PlannedTask,
    stop: CancellationToken,
}

impl Work {
    async fn run(self, mut run: Run) -> Run {
        let slot = tokio::select! {
            slot = self.forge.slots.acquire() => slot.ok(),
            () = self.stop.cancelled() => None,
        };
        let end = match slot {
            Some(_slot) => self.run_now(&mut run).await,
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
        self.tell(&format!(
            "{} of {}: {}{} in {:.1} s",
            self.task.name,
            self.task.project,
            run.state.name(),
            if run.cached { ", known" } else { "" },
            run.milliseconds.unwrap_or(0) as f64 / 1_000.0
        ));
        run
    }

    async fn run_now(&self, run: &mut Run) -> RunEnd {
        run.started = self.forge.clock.now();
        self.tell(&format!("{} of {}", self.task.name, self.task.project));
        let order = RunOrder {
            id: run.id.clone(),
            bare: self.hosted.bare.clone(),
            commit: self.merged.tip,
            task: self.task.clone(),
            stop: self.stop.clone(),
        };
        let log = Arc::new(self.forge.logs.begin(&run.id));
        self.forge.workshop.run(order, log).await
    }

    /// Tells a line to everybody whose landing the run is for.
    fn tell(&self, line: &str) {
        for landing in &self.landings {
            self.notes.line(landing, line);
        }
    }
}
