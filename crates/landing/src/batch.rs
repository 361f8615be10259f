//! One change at a time, and batches that are halved when red.

use std::collections::BTreeSet;

use crate::base::{Base, News};
use crate::plans::{Planning, Tasks};
use crate::runs::{Scope, State, Want, Wish};
use crate::view::{Outlook, View, view};
use crate::{Because, CandidateId, ChangeId, Event, Order, Rival, Settings, Strategy};

/// One change at a time, each tested on trunk.
#[derive(Debug)]
pub struct Serial(BatchBisect);

/// Batches of what waits; a red one is halved until the change at fault is alone, as bors does. No result is used twice.
#[derive(Debug)]
pub struct BatchBisect {
    base: Base,
    /// What is being tested, and where its results are kept.
    current: Option<(Vec<ChangeId>, Scope)>,
    /// Parts of red batches, the next one last.
    parts: Vec<Vec<ChangeId>>,
    scopes: Scope,
}

impl Serial {
    /// An empty queue.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self(BatchBisect::new(Settings {
            batch: 1,
            ..settings
        }))
    }
}

impl Strategy for Serial {
    fn step(&mut self, event: Event) -> Vec<Order> {
        self.0.step(event)
    }

    fn view(&self) -> View {
        self.0.view()
    }
}

/// Whether the rules have come to rest.
enum Turn {
    Again,
    Rest(Vec<Wish>),
}

impl BatchBisect {
    /// An empty queue.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            base: Base::new(settings, 0),
            current: None,
            parts: Vec::new(),
            scopes: 0,
        }
    }

    fn hear(&mut self, news: &News) {
        let gone: BTreeSet<_> = news.landed.iter().chain(&news.left).collect();
        if gone.is_empty() {
            return;
        }
        for part in &mut self.parts {
            part.retain(|change| !gone.contains(change));
        }
        self.parts.retain(|part| !part.is_empty());
        let hit = self.current.as_ref();
        if hit.is_some_and(|(changes, _)| changes.iter().any(|change| gone.contains(change))) {
            let rest = self.drop_current();
            let rest: Vec<_> = rest
                .into_iter()
                .filter(|change| !gone.contains(change))
                .collect();
            if !rest.is_empty() {
                self.parts.push(rest);
            }
        }
    }

    fn drop_current(&mut self) -> Vec<ChangeId> {
        let Some((changes, scope)) = self.current.take() else {
            return Vec::new();
        };
        self.base.runs.forget(scope);
        changes
    }

    /// What is tested next.
    fn next(&mut self) -> Option<Vec<ChangeId>> {
        if let Some(part) = self.parts.pop() {
            return Some(part);
        }
        let batch = self.base.book.changes().take(self.base.settings.batch);
        let batch: Vec<_> = batch.collect();
        (!batch.is_empty()).then_some(batch)
    }

    fn turn(&mut self) -> Turn {
        if self.base.trunk.is_none() {
            return Turn::Rest(Vec::new());
        }
        if self.current.is_none() {
            let Some(changes) = self.next() else {
                return Turn::Rest(Vec::new());
            };
            self.scopes += 1;
            self.current = Some((changes, self.scopes));
        }
        let Some((changes, scope)) = self.current.clone() else {
            return Turn::Rest(Vec::new());
        };
        if self.base.landing.is_some() {
            return Turn::Rest(Vec::new());
        }
        match self.base.plan(&changes) {
            Planning::Waiting => Turn::Rest(vec![self.base.keep(&changes)]),
            Planning::Clash(clash) => {
                if Base::rival(&clash, &changes) == Rival::Trunk {
                    self.base.refuse_clash(&clash);
                } else {
                    // What it does not merge with goes first.
                    self.parts.insert(0, vec![clash.change]);
                }
                let mut rest = self.drop_current();
                rest.retain(|change| *change != clash.change);
                if !rest.is_empty() {
                    self.parts.push(rest);
                }
                Turn::Again
            }
            Planning::Ready(candidate, tasks) => self.test(&changes, scope, candidate, &tasks),
        }
    }

    fn test(
        &mut self,
        changes: &[ChangeId],
        scope: Scope,
        candidate: CandidateId,
        tasks: &Tasks,
    ) -> Turn {
        let mut states = tasks
            .iter()
            .filter_map(|task| Some((task, self.base.runs.state(scope, &task.0)?)));
        let red = states.find(|(_, state)| state.is_red());
        let Some(((key, project), state)) = red else {
            if self.base.all_green(scope, tasks) {
                self.base.land(changes);
            }
            return Turn::Rest(self.base.wants(scope, candidate, tasks).collect());
        };
        let (key, project) = (*key, project.clone());
        if let [change] = changes {
            if state == State::Red {
                let with = Vec::new();
                self.base
                    .refuse(*change, Because::Red { project, key, with });
                self.drop_current();
                return Turn::Again;
            }
            let want = Want {
                scope,
                key,
                project,
                candidate,
                confirm: true,
            };
            return Turn::Rest(vec![Wish::Run(want)]);
        }
        let mut first = self.drop_current();
        let second = first.split_off(first.len() / 2);
        self.parts.extend([second, first]);
        Turn::Again
    }
}

impl Strategy for BatchBisect {
    fn step(&mut self, event: Event) -> Vec<Order> {
        let news = self.base.apply(event);
        self.hear(&news);
        loop {
            if let Turn::Rest(wishes) = self.turn() {
                return self.base.settle(&wishes);
            }
        }
    }

    fn view(&self) -> View {
        view(&self.base, false, |change| match &self.current {
            Some((changes, scope)) if changes.contains(&change) => Outlook {
                line: changes.clone(),
                batch: changes.clone(),
                scope: *scope,
                suspect: false,
            },
            _ => Outlook {
                suspect: self.parts.iter().any(|part| part.contains(&change)),
                ..Outlook::default()
            },
        })
    }
}
