//! Which tasks run when.

use std::sync::Arc;

use trunkline_model::Clock;

use super::one::{Bench, End, told};
use super::options::{Listener, Outcome, RunOptions, Secrets, Summary};
use super::schedule::Schedule;
use super::work::Work;
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
    end: End,
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
    /// [`TaskError::Store`] where the store cannot be read at all; what goes wrong with one task is in the summary and in its log.
    pub async fn run(
        &self,
        plan: &Arc<Plan>,
        wanted: &[usize],
        options: &RunOptions,
        listener: &dyn Listener,
    ) -> Result<Summary, TaskError> {
        let mut schedule = Schedule::new(plan, wanted);
        let mut known: Vec<Option<Known>> = plan.tasks.iter().map(|_| None).collect();
        let shared = Arc::new((self.clone(), Arc::clone(plan), options.clone()));
        let bench = self.bench(plan, options, listener);
        let mut work = Work::new();
        loop {
            let room = work.count() < options.parallel.max(1);
            let (place, key, end) = match room.then(|| schedule.next()).flatten() {
                Some(place) => {
                    let key = action_key(plan, place, &known);
                    // Most of what is known is in place, and is not worth a task of the runtime.
                    match bench.in_place(&plan.tasks[place], key)? {
                        Some(end) => {
                            // Others have their turn: what runs says something, and a person may stop it.
                            tokio::task::yield_now().await;
                            (place, key, Ok(end))
                        }
                        None => {
                            work.begin(&shared, place, key);
                            continue;
                        }
                    }
                }
                None => match work.next(listener).await {
                    Some(ended) => ended,
                    None => break,
                },
            };
            let name = &plan.tasks[place].definition.name;
            let end = match end {
                Err(error @ TaskError::Store(_)) => return Err(error),
                Err(error) => {
                    listener.line(name, &format!("it cannot go on: {}", told(&error)));
                    End::broken()
                }
                Ok(end) => end,
            };
            listener.finished(name, end.outcome, end.time);
            if end.outcome.is_green() {
                schedule.ended_well(place);
            } else {
                for place in schedule.ended_badly(place) {
                    known[place] = Some(skipped(plan, place, listener));
                }
            }
            known[place] = Some(Known {
                end,
                key: Some(key),
            });
        }
        Ok(summary(plan, &schedule, &known))
    }

    pub(super) fn bench<'a>(
        &'a self,
        plan: &'a Plan,
        options: &'a RunOptions,
        listener: &'a dyn Listener,
    ) -> Bench<'a> {
        Bench {
            plan,
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

/// Something that a task needs did not end well.
fn skipped(plan: &Plan, place: usize, listener: &dyn Listener) -> Known {
    let end = End {
        outcome: Outcome::Skipped,
        ..End::broken()
    };
    listener.finished(&plan.tasks[place].definition.name, end.outcome, end.time);
    Known { end, key: None }
}

/// The action key of a task whose needs have all ended well.
fn action_key(plan: &Plan, place: usize, known: &[Option<Known>]) -> Key {
    let task = &plan.tasks[place];
    let made = task.needs.iter().filter_map(|need| {
        let made = known[*need].as_ref()?.end.made?;
        Some((plan.tasks[*need].definition.name.to_string(), made))
    });
    key::key(&task.own, &sorted(made.collect()))
}

fn summary(plan: &Plan, schedule: &Schedule, known: &[Option<Known>]) -> Summary {
    let tasks = schedule.all().filter_map(|place| {
        let one = known[place].as_ref()?;
        let end = &one.end;
        let key = one.key.filter(|_| end.outcome.is_green());
        let name = plan.tasks[place].definition.name.clone();
        Some((name, end.outcome, end.time, key))
    });
    Summary {
        tasks: tasks.collect(),
    }
}
