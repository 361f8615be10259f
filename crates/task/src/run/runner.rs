//! Which tasks run when.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use trunkline_model::Clock;

use super::one::{Bench, End};
use super::options::{Listener, Outcome, RunOptions, Secrets, Summary};
use crate::claim::Claims;
use crate::plan::{Plan, sorted};
use crate::store::Store;
use crate::{Key, Launch, TaskError, key};

/// Runs tasks.
#[derive(Clone, Debug)]
pub struct Runner {
    store: Store,
    launch: Arc<dyn Launch>,
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    claims: Claims,
}

/// What is known of a task while others still run.
struct Known {
    outcome: Outcome,
    time: Duration,
    /// The hash of what it made.
    made: Option<Key>,
    key: Option<Key>,
}

impl Runner {
    /// A runner that keeps results in `store`, makes processes with `launch` and asks `secrets`.
    #[must_use]
    pub fn new(
        store: Store,
        launch: Arc<dyn Launch>,
        secrets: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            launch,
            secrets,
            clock,
            claims: Claims::default(),
        }
    }

    /// The store of results.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Runs the tasks of `plan` at the places `wanted`, and those that they need. A task whose needs did not end well is skipped; others go on.
    ///
    /// # Errors
    /// [`TaskError`] where the store cannot be used or a process cannot be made; tasks that fail are in the summary.
    pub async fn run(
        &self,
        plan: &Plan,
        wanted: &[usize],
        options: &RunOptions,
        listener: &dyn Listener,
    ) -> Result<Summary, TaskError> {
        let all = with_needs(plan, wanted);
        let mut known: Vec<Option<Known>> = plan.tasks.iter().map(|_| None).collect();
        let mut left: BTreeSet<usize> = all.clone();
        let mut running = tokio::task::JoinSet::new();
        let shared = Arc::new((self.clone(), plan.clone(), options.clone()));
        let (to, mut from) = tokio::sync::mpsc::unbounded_channel();
        let mut busy = 0;
        loop {
            // What can be decided now: nothing runs that stands before it.
            let ready: Vec<usize> = left
                .iter()
                .copied()
                .filter(|place| {
                    plan.tasks[*place]
                        .needs
                        .iter()
                        .all(|need| known[*need].is_some())
                })
                .collect();
            let mut skipped = false;
            for place in ready {
                let needs = &plan.tasks[place].needs;
                if needs.iter().any(|need| {
                    known[*need]
                        .as_ref()
                        .is_some_and(|one| !one.outcome.is_green())
                }) {
                    left.remove(&place);
                    listener.finished(
                        &plan.tasks[place].definition.name,
                        Outcome::Skipped,
                        Duration::ZERO,
                    );
                    known[place] = Some(Known {
                        outcome: Outcome::Skipped,
                        time: Duration::ZERO,
                        made: None,
                        key: None,
                    });
                    skipped = true;
                    continue;
                }
                if busy >= options.parallel.max(1) {
                    continue;
                }
                left.remove(&place);
                busy += 1;
                let key = action_key(plan, place, &known);
                let (shared, to) = (Arc::clone(&shared), to.clone());
                running.spawn(async move {
                    let (runner, plan, options) = &*shared;
                    let told = Told(to.clone());
                    let bench = runner.bench(options, &told);
                    let end = bench.run(&plan.tasks[place], key).await;
                    // The receiver waits for as long as something runs.
                    let _ended = to.send(News::End(place, key, end));
                });
            }
            if skipped {
                continue;
            }
            if busy == 0 {
                break;
            }
            match from.recv().await {
                Some(News::Started(name)) => listener.started(&name),
                Some(News::Line(name, line)) => listener.line(&name, &line),
                Some(News::End(place, key, end)) => {
                    busy -= 1;
                    let End {
                        outcome,
                        time,
                        made,
                    } = end?;
                    listener.finished(&plan.tasks[place].definition.name, outcome, time);
                    known[place] = Some(Known {
                        outcome,
                        time,
                        made,
                        key: Some(key),
                    });
                }
                None => break,
            }
        }
        Ok(summary(plan, &all, &known))
    }

    fn bench<'a>(&'a self, options: &'a RunOptions, listener: &'a dyn Listener) -> Bench<'a> {
        Bench {
            store: &self.store,
            launch: &*self.launch,
            secrets: &*self.secrets,
            claims: &self.claims,
            clock: &*self.clock,
            options,
            listener,
        }
    }
}

/// What a task that runs tells whoever waits for all.
enum News {
    Started(crate::TaskName),
    Line(crate::TaskName, String),
    End(usize, Key, Result<End, TaskError>),
}

struct Told(tokio::sync::mpsc::UnboundedSender<News>);

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told")
    }
}

impl Listener for Told {
    fn started(&self, task: &crate::TaskName) {
        let _ended = self.0.send(News::Started(task.clone()));
    }

    fn line(&self, task: &crate::TaskName, line: &str) {
        let _ended = self.0.send(News::Line(task.clone(), line.to_owned()));
    }

    fn finished(&self, _task: &crate::TaskName, _outcome: Outcome, _time: Duration) {}
}

/// The places of the wanted tasks and of all that they need.
fn with_needs(plan: &Plan, wanted: &[usize]) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    let mut next: Vec<usize> = wanted.to_vec();
    while let Some(place) = next.pop() {
        if all.insert(place) {
            next.extend(&plan.tasks[place].needs);
        }
    }
    all
}

/// The action key of a task whose needs have all ended well.
fn action_key(plan: &Plan, place: usize, known: &[Option<Known>]) -> Key {
    let task = &plan.tasks[place];
    let made = task.needs.iter().filter_map(|need| {
        let made = known[*need].as_ref()?.made?;
        Some((plan.tasks[*need].definition.name.to_string(), made))
    });
    key::key(&task.definition, &task.ingredients, &sorted(made.collect()))
}

fn summary(plan: &Plan, all: &BTreeSet<usize>, known: &[Option<Known>]) -> Summary {
    let tasks = all.iter().filter_map(|place| {
        let one = known[*place].as_ref()?;
        let key = one.key.filter(|_| one.outcome.is_green());
        Some((
            plan.tasks[*place].definition.name.clone(),
            one.outcome,
            one.time,
            key,
        ))
    });
    Summary {
        tasks: tasks.collect(),
    }
}
