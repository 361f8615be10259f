//! Which tasks run, and what is known of keys.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{CandidateId, Key, Order, Project, Verdict};

/// Who remembers a result: rules that reuse keys have one scope, others one for each attempt.
pub(crate) type Scope = u64;

/// The scope of rules that reuse keys.
pub(crate) const SHARED: Scope = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Green,
    /// Red, and not yet run a second time.
    RedOnce,
    Red,
}

impl State {
    pub(crate) fn is_red(self) -> bool {
        self != Self::Green
    }
}

/// A task that is to run when a slot is free.
#[derive(Clone, Debug)]
pub(crate) struct Want {
    pub(crate) scope: Scope,
    pub(crate) key: Key,
    pub(crate) project: Project,
    pub(crate) candidate: CandidateId,
    /// Whether it is to run although it was red once.
    pub(crate) confirm: bool,
}

/// What is wanted, the most urgent first.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    Run(Want),
    /// So many slots are kept for a candidate that is being planned.
    Keep(usize),
}

#[derive(Debug)]
pub(crate) struct Runs {
    pub(crate) slots: usize,
    confirm: bool,
    limit: usize,
    states: BTreeMap<(Scope, Key), State>,
    /// Keys of `states`, the oldest first.
    ages: VecDeque<(Scope, Key)>,
    /// Whose task each is, and for whom it was started.
    running: BTreeMap<Key, (Project, Scope)>,
    wanted: BTreeSet<(Scope, Key)>,
}

impl Runs {
    pub(crate) fn new(confirm: bool, limit: usize) -> Self {
        Self {
            slots: 0,
            confirm,
            limit,
            states: BTreeMap::new(),
            ages: VecDeque::new(),
            running: BTreeMap::new(),
            wanted: BTreeSet::new(),
        }
    }

    pub(crate) fn state(&self, scope: Scope, key: &Key) -> Option<State> {
        self.states.get(&(scope, *key)).copied()
    }

    pub(crate) fn is_running(&self, key: &Key) -> bool {
        self.running.contains_key(key)
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = (Key, Project)> {
        self.running
            .iter()
            .map(|(key, (project, _))| (*key, project.clone()))
    }

    /// Keeps a trusted green record.
    pub(crate) fn know(&mut self, key: Key) {
        self.keep(SHARED, key, State::Green);
    }

    /// Forgets what an attempt found.
    pub(crate) fn forget(&mut self, scope: Scope) {
        if scope == SHARED {
            return;
        }
        let (first, last) = (Key([0; 32]), Key([u8::MAX; 32]));
        let range = self.states.range((scope, first)..=(scope, last));
        let keys: Vec<_> = range.map(|(key, _)| *key).collect();
        for key in keys {
            self.states.remove(&key);
        }
    }

    /// Takes a result in; the flake that it reveals comes back.
    pub(crate) fn finish(&mut self, key: Key, verdict: Verdict) -> Option<Order> {
        let Some((project, _)) = self.running.remove(&key) else {
            // The answer of a task that was stopped: good news is still true, bad news would count twice.
            if verdict == Verdict::Green {
                self.know(key);
            }
            return None;
        };
        let mut flaky = verdict == Verdict::Flaky;
        let mut scopes: Vec<Scope> = self
            .wanted
            .iter()
            .filter(|(_, wanted)| *wanted == key)
            .map(|(scope, _)| *scope)
            .collect();
        if scopes.is_empty() {
            scopes.push(SHARED);
        }
        for scope in scopes {
            let state = match (self.state(scope, &key), verdict) {
                (Some(State::Green), _) => State::Green,
                (before, Verdict::Green | Verdict::Flaky) => {
                    flaky |= before.is_some();
                    State::Green
                }
                (None, Verdict::Red) if self.confirm => State::RedOnce,
                (_, Verdict::Red) => State::Red,
            };
            self.keep(scope, key, state);
        }
        flaky.then_some(Order::Flake { key, project })
    }

    fn keep(&mut self, scope: Scope, key: Key, state: State) {
        if self.states.insert((scope, key), state).is_none() {
            self.ages.push_back((scope, key));
        }
        while self.ages.len() > self.limit {
            if let Some(oldest) = self.ages.pop_front() {
                self.states.remove(&oldest);
            }
        }
    }

    /// Stops what nobody wants, unless `tolerant`, and what there are no slots for.
    pub(crate) fn stop_idle(&mut self, wishes: &[Wish], tolerant: bool, orders: &mut Vec<Order>) {
        let wants = wishes.iter().filter_map(|wish| match wish {
            Wish::Run(want) => Some((want.scope, want.key)),
            Wish::Keep(_) => None,
        });
        self.wanted = wants.collect();
        if !tolerant {
            let running = self.running.iter();
            let idle = running.filter(|(key, (_, scope))| !self.wanted.contains(&(*scope, **key)));
            let idle: Vec<Key> = idle.map(|(key, _)| *key).collect();
            idle.into_iter().for_each(|key| self.stop(key, orders));
        }
        self.shrink(wishes, orders);
    }

    /// Starts what is most urgent in free slots.
    pub(crate) fn start_due(&mut self, wishes: &[Wish], orders: &mut Vec<Order>) {
        let mut free = self.slots.saturating_sub(self.running.len());
        for wish in wishes {
            if free == 0 {
                break;
            }
            match wish {
                Wish::Keep(slots) => free = free.saturating_sub(*slots),
                Wish::Run(want) => free -= usize::from(self.start(want, orders)),
            }
        }
    }

    /// Starts a task unless it runs or needs not to; says whether it did.
    fn start(&mut self, want: &Want, orders: &mut Vec<Order>) -> bool {
        let due = match self.state(want.scope, &want.key) {
            None => true,
            Some(State::RedOnce) => want.confirm,
            Some(_) => false,
        };
        if !due || self.running.contains_key(&want.key) {
            return false;
        }
        self.running
            .insert(want.key, (want.project.clone(), want.scope));
        orders.push(Order::Run {
            key: want.key,
            project: want.project.clone(),
            candidate: want.candidate,
        });
        true
    }

    /// Stops the least urgent tasks where there are fewer slots than there were.
    fn shrink(&mut self, wishes: &[Wish], orders: &mut Vec<Order>) {
        if self.running.len() <= self.slots {
            return;
        }
        let urgent = wishes.iter().filter_map(|wish| match wish {
            Wish::Run(want) if self.running.contains_key(&want.key) => Some(want.key),
            _ => None,
        });
        let mut kept = BTreeSet::new();
        for key in urgent {
            if kept.len() < self.slots {
                kept.insert(key);
            }
        }
        let excess: Vec<Key> = self
            .running
            .keys()
            .filter(|key| !kept.contains(key))
            .copied()
            .collect();
        let count = self.running.len() - self.slots;
        for key in excess.into_iter().take(count) {
            self.stop(key, orders);
        }
    }

    fn stop(&mut self, key: Key, orders: &mut Vec<Order>) {
        self.running.remove(&key);
        orders.push(Order::Stop { key });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> Key {
        Key([number; 32])
    }

    fn wish(number: u8, confirm: bool) -> Wish {
        Wish::Run(Want {
            scope: SHARED,
            key: key(number),
            project: "a".into(),
            candidate: CandidateId(1),
            confirm,
        })
    }

    fn settle(runs: &mut Runs, wishes: &[Wish]) -> Vec<String> {
        let mut orders = Vec::new();
        runs.stop_idle(wishes, false, &mut orders);
        runs.start_due(wishes, &mut orders);
        let orders = orders.iter().map(|order| match order {
            Order::Run { key, .. } => format!("run {}", key.0[0]),
            Order::Stop { key } => format!("stop {}", key.0[0]),
            other => format!("{other:?}"),
        });
        orders.collect()
    }

    #[test]
    fn slots_go_to_what_is_most_urgent() {
        let mut runs = Runs::new(true, 100);
        runs.slots = 2;
        let wishes = [
            wish(3, false),
            wish(3, false),
            wish(1, false),
            wish(2, false),
        ];
        assert_eq!(settle(&mut runs, &wishes), ["run 3", "run 1"]);
        runs.finish(key(3), Verdict::Green);
        assert_eq!(settle(&mut runs, &wishes), ["run 2"]);
        runs.slots = 1;
        assert_eq!(settle(&mut runs, &wishes), ["stop 2"]);
        assert_eq!(settle(&mut runs, &[]), ["stop 1"]);
    }

    #[test]
    fn a_red_key_runs_once_more_and_only_where_it_is_asked_for() {
        let mut runs = Runs::new(true, 100);
        runs.slots = 1;
        settle(&mut runs, &[wish(1, false)]);
        assert_eq!(runs.finish(key(1), Verdict::Red), None);
        assert_eq!(runs.finish(key(1), Verdict::Red), None);
        assert_eq!(runs.state(SHARED, &key(1)), Some(State::RedOnce));
        assert!(settle(&mut runs, &[wish(1, false)]).is_empty());
        assert_eq!(settle(&mut runs, &[wish(1, true)]), ["run 1"]);
        let flake = runs.finish(key(1), Verdict::Green);
        assert!(matches!(flake, Some(Order::Flake { .. })), "{flake:?}");
        assert_eq!(runs.state(SHARED, &key(1)), Some(State::Green));
        assert!(settle(&mut runs, &[wish(1, true)]).is_empty());
    }

    #[test]
    fn the_oldest_keys_are_forgotten() {
        let mut runs = Runs::new(true, 2);
        (1..4).for_each(|number| runs.know(key(number)));
        assert_eq!(runs.state(SHARED, &key(1)), None);
        assert_eq!(runs.state(SHARED, &key(3)), Some(State::Green));
    }
}
