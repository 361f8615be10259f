//! One run of a strategy through a world, and the figures of many.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::world::{SLOTS, TASK_SECONDS, World, key};
use crate::{
    CandidateId, ChangeId, Commit, Event, Key, Kind, Order, Project, Settings, Strategy, Verdict,
};

/// What a strategy made of changes at one rate, over all seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The strategy.
    pub strategy: Kind,
    /// How many changes arrived in an hour.
    pub rate: f64,
    /// Seconds from submission until half of the changes that landed had landed.
    pub median: f64,
    /// The same for 95 of 100.
    pub p95: f64,
    /// Seconds of slots used for each change that landed.
    pub slot_seconds: f64,
    /// How many landed.
    pub landed: usize,
    /// How many were refused.
    pub refused: usize,
    /// How many of those had no fault of their own, nor one with a change that landed.
    pub wronged: usize,
    /// How often trunk had a red task after a change had landed.
    pub red: usize,
    /// How many changes neither landed nor were refused.
    pub lost: usize,
}

/// Runs each strategy through a world of each of `seeds` with so many `changes`, at each of `rates` an hour.
#[must_use]
pub fn table(seeds: u64, changes: usize, rates: &[f64]) -> Vec<Line> {
    let mut lines = Vec::new();
    for rate in rates {
        for strategy in Kind::ALL {
            let runs = (0..seeds).map(|seed| Run::new(&World::new(seed, changes, *rate), strategy));
            lines.push(line(strategy, *rate, &runs.collect::<Vec<_>>()));
        }
    }
    lines
}

fn line(strategy: Kind, rate: f64, runs: &[Tally]) -> Line {
    let mut waits: Vec<f64> = runs.iter().flat_map(|run| &run.waits).copied().collect();
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (waits.len() as f64 * share) as usize;
        waits.get(place).copied().unwrap_or_default()
    };
    let sum = |of: fn(&Tally) -> usize| runs.iter().map(of).sum::<usize>();
    let seconds: f64 = runs.iter().map(|run| run.slot_seconds).sum();
    Line {
        strategy,
        rate,
        median: at(0.5),
        p95: at(0.95),
        slot_seconds: seconds / waits.len().max(1) as f64,
        landed: waits.len(),
        refused: sum(|run| run.refused),
        wronged: sum(|run| run.wronged),
        red: sum(|run| run.red),
        lost: sum(|run| run.lost),
    }
}

/// The figures of one run.
#[derive(Debug, Default)]
struct Tally {
    waits: Vec<f64>,
    slot_seconds: f64,
    refused: usize,
    wronged: usize,
    red: usize,
    lost: usize,
}

/// A task of a candidate: its project and the changes in it that touch that, in ascending order.
type Content = (usize, Vec<usize>);

/// A driver in virtual time.
struct Run<'a> {
    world: &'a World,
    now: f64,
    landed: Vec<usize>,
    /// What keys stand for.
    contents: BTreeMap<Key, Content>,
    /// Tasks that run, and since when.
    running: BTreeMap<Key, f64>,
    /// Tasks in the order in which they end.
    ends: VecDeque<(f64, Key)>,
    events: VecDeque<Event>,
    tally: Tally,
}

impl<'a> Run<'a> {
    #[expect(clippy::new_ret_no_self, reason = "a run is nothing but its figures")]
    fn new(world: &'a World, strategy: Kind) -> Tally {
        let confirm = strategy == Kind::GreenKey;
        let settings = Settings {
            confirm,
            ..Settings::default()
        };
        let run = Self {
            world,
            now: 0.0,
            landed: Vec::new(),
            contents: BTreeMap::new(),
            running: BTreeMap::new(),
            ends: VecDeque::new(),
            events: VecDeque::new(),
            tally: Tally::default(),
        };
        run.go(&mut *strategy.queue(settings))
    }

    fn go(mut self, queue: &mut dyn Strategy) -> Tally {
        self.events.push_back(Event::Started {
            trunk: self.trunk(),
            slots: SLOTS,
        });
        let mut next = 0;
        loop {
            while let Some(event) = self.events.pop_front() {
                for order in queue.step(event) {
                    self.carry_out(order);
                }
            }
            let arrives = self.world.work.get(next).map(|work| work.at);
            match (self.ends.front().copied(), arrives) {
                (Some((end, key)), arrives) if arrives.is_none_or(|at| end <= at) => {
                    self.ends.pop_front();
                    self.now = end;
                    self.end(key);
                }
                (_, Some(at)) => {
                    self.now = at;
                    self.events.push_back(Event::Submitted {
                        change: ChangeId(next as u64),
                        touched: self.world.touched(next),
                        priority: 0,
                    });
                    next += 1;
                }
                _ => break,
            }
        }
        let ended = self.landed.len() + self.tally.refused;
        self.tally.lost = self.world.work.len() - ended;
        self.tally
    }

    fn trunk(&self) -> Commit {
        Commit::from(self.landed.len().to_string().as_str())
    }

    fn end(&mut self, key: Key) {
        let began = self.running.remove(&key).unwrap_or(self.now);
        self.tally.slot_seconds += self.now - began;
        let green = self
            .contents
            .get(&key)
            .is_some_and(|(project, changes)| self.world.is_green(*project, changes));
        let verdict = if green { Verdict::Green } else { Verdict::Red };
        self.events.push_back(Event::Finished { key, verdict });
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Plan { candidate } => {
                let changes = candidate.changes.iter();
                let changes: Vec<usize> = changes.map(|one| one.change.0 as usize).collect();
                self.plan(candidate.id, &changes);
            }
            Order::Run { key, .. } => {
                self.running.insert(key, self.now);
                self.ends.push_back((self.now + TASK_SECONDS as f64, key));
            }
            Order::Stop { key } => {
                let began = self.running.remove(&key).unwrap_or(self.now);
                self.tally.slot_seconds += self.now - began;
                self.ends.retain(|(_, other)| *other != key);
            }
            Order::Land { candidate, changes } => self.land(candidate, changes),
            Order::Refuse { change, .. } => {
                let change = change.0 as usize;
                let fault = self.world.is_at_fault(change, &self.landed);
                self.tally.refused += 1;
                self.tally.wronged += usize::from(!fault);
            }
            Order::Flake { .. } => {}
        }
    }

    /// The changes that touch a project, of those landed and `more`.
    fn content(&self, project: usize, more: &[usize]) -> Vec<usize> {
        let all = self.landed.iter().chain(more).copied();
        let mut all: Vec<usize> = all
            .filter(|change| self.world.work[*change].projects.contains(&project))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn plan(&mut self, candidate: CandidateId, changes: &[usize]) {
        let mut projects: Vec<usize> = changes
            .iter()
            .flat_map(|change| &self.world.work[*change].projects)
            .copied()
            .collect();
        projects.sort_unstable();
        projects.dedup();
        let mut tasks: Vec<(Key, Project)> = Vec::with_capacity(projects.len());
        for project in projects {
            let content = self.content(project, changes);
            let key = key(project, &content);
            self.contents.insert(key, (project, content));
            tasks.push((key, self.world.name(project)));
        }
        let result = Ok(tasks);
        self.events.push_back(Event::Planned { candidate, result });
    }

    fn land(&mut self, candidate: CandidateId, changes: Vec<ChangeId>) {
        for change in &changes {
            let change = change.0 as usize;
            self.landed.push(change);
            let wait = self.now - self.world.work[change].at;
            self.tally.waits.push(wait);
        }
        let red = changes.iter().any(|change| {
            let mut projects = self.world.work[change.0 as usize].projects.iter();
            projects.any(|project| {
                let content = self.content(*project, &[]);
                !self.world.is_green(*project, &content)
            })
        });
        self.tally.red += usize::from(red);
        let trunk = self.trunk();
        self.events.push_back(Event::Landed {
            candidate,
            changes,
            trunk,
        });
    }
}
