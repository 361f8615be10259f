//! Which tasks run when.

use std::collections::BTreeSet;
use std::sync::Arc;

use trunkline_model::Clock;

use super::one::{Bench, End, told};
use super::options::{Listener, Outcome, RunOptions, Secrets, Summary};
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
        plan: &Plan,
        wanted: &[usize],
        options: &RunOptions,
        listener: &dyn Listener,
    ) -> Result<Summary, TaskError> {
        let all = with_needs(plan, wanted);
        let mut known: Vec<Option<Known>> = plan.tasks.iter().map(|_| None).collect();
        let mut left: BTreeSet<usize> = all.clone();
        let shared = Arc::new((self.clone(), plan.clone(), options.clone()));
        let mut work = Work::new();
        loop {
            skip(plan, &mut left, &mut known, listener);
            let ready: Vec<usize> = left
                .iter()
                .copied()
                .filter(|place| has_all(plan, *place, &known))
                .take(options.parallel.max(1).saturating_sub(work.count()))
                .collect();
            for place in ready {
                left.remove(&place);
                work.begin(&shared, place, action_key(plan, place, &known));
            }
            let Some((place, key, end)) = work.next(listener).await else {
                break;
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
            known[place] = Some(Known {
                end,
                key: Some(key),
            });
        }
        Ok(summary(plan, &all, &known))
    }

    pub(super) fn bench<'a>(
        &'a self,
        options: &'a RunOptions,
        listener: &'a dyn Listener,
    ) -> Bench<'a> {
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

/// Whether all that a task needs has ended well.
fn has_all(plan: &Plan, place: usize, known: &[Option<Known>]) -> bool {
    let mut needs = plan.tasks[place].needs.iter();
    needs.all(|need| {
        known[*need]
            .as_ref()
            .is_some_and(|one| one.end.outcome.is_green())
    })
}

/// Skips what needs something that did not end well, and what needs that.
fn skip(
    plan: &Plan,
    left: &mut BTreeSet<usize>,
    known: &mut [Option<Known>],
    listener: &dyn Listener,
) {
    // Whoever needs something stands behind it in a plan.
    for place in left.clone() {
        let mut needs = plan.tasks[place].needs.iter();
        let failed = |need: &usize| {
            known[*need]
                .as_ref()
                .is_some_and(|one| !one.end.outcome.is_green())
        };
        if needs.any(failed) {
            left.remove(&place);
            let end = End {
                outcome: Outcome::Skipped,
                ..End::broken()
            };
            listener.finished(&plan.tasks[place].definition.name, end.outcome, end.time);
            known[place] = Some(Known { end, key: None });
        }
    }
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
        let made = known[*need].as_ref()?.end.made?;
        Some((plan.tasks[*need].definition.name.to_string(), made))
    });
    key::key(&task.definition, &task.ingredients, &sorted(made.collect()))
}

fn summary(plan: &Plan, all: &BTreeSet<usize>, known: &[Option<Known>]) -> Summary {
    let tasks = all.iter().filter_map(|place| {
        let one = known[*place].as_ref()?;
        let end = &one.end;
        let key = one.key.filter(|_| end.outcome.is_green());
        let name = plan.tasks[*place].definition.name.clone();
        Some((name, end.outcome, end.time, key))
    });
    Summary {
        tasks: tasks.collect(),
    }
}
