//! The rules of green-key landing.

use std::collections::BTreeSet;

use super::blame::{Finding, fault};
use super::group::Groups;
use super::trial::{Charge, Judgement, Trial};
use crate::base::{Base, News};
use crate::book::Place;
use crate::plans::{Planning, Tasks};
use crate::runs::{SHARED, Wish};
use crate::view::{Outlook, View, view};
use crate::{CandidateId, ChangeId, Clash, Event, Order, Rival, Settings, Strategy, Touched};

/// How many changes are looked at at once; those behind wait, which bounds the work of a step.
const WINDOW: usize = 256;

/// How many passes a step makes at most for each change: into trial and out of it, and once more for what it meets then.
const PASSES: usize = 4;

/// A queue by green-key landing.
#[derive(Debug)]
pub struct GreenKey {
    base: Base,
    groups: Groups,
    trials: Vec<Trial>,
}

/// What one pass over the groups has found.
#[derive(Default)]
struct Pass {
    wishes: Vec<(Option<Place>, Wish)>,
    /// The tasks of each group, where they are known.
    tasks: Vec<Option<Tasks>>,
    /// What those touch that are under suspicion: tasks that will change.
    tainted: Touched,
    /// Whether a group that may land was found.
    landed: bool,
}

impl GreenKey {
    /// An empty queue.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            base: Base::new(settings, settings.overtaking),
            groups: Groups::default(),
            trials: Vec::new(),
        }
    }

    fn hear(&mut self, news: &News) {
        for gone in [&news.landed, &news.left] {
            if !gone.is_empty() {
                self.groups.remove(&self.base, gone);
                self.trials.retain(|trial| !gone.contains(&trial.change()));
            }
        }
    }

    /// Puts changes that are new or acquitted into groups.
    fn admit(&mut self) {
        let open: Vec<ChangeId> = self.base.book.changes().take(WINDOW).collect();
        for change in open {
            let on_trial = self.trials.iter().any(|trial| trial.change() == change);
            if !on_trial && !self.groups.has(change) {
                let entry = self.base.book.get(change);
                let clean = entry.is_some_and(|entry| entry.rivals.is_empty());
                self.groups.insert(&self.base, change, clean);
            }
        }
    }

    /// One pass over everything; nothing where a change moved and another pass is due.
    fn turn(&mut self) -> Option<Vec<Wish>> {
        self.base.trunk.as_ref()?;
        self.admit();
        let ahead = self.groups.ahead();
        let mut pass = Pass::default();
        for (at, ahead) in ahead.iter().enumerate() {
            let tasks = self.look(at, ahead, &mut pass)?;
            pass.tasks.push(tasks);
        }
        self.hold_trials(&mut pass)?;
        pass.wishes.sort_by_key(|(place, _)| *place);
        Some(pass.wishes.into_iter().map(|(_, wish)| wish).collect())
    }

    /// Looks at a group; nothing where a change left it.
    fn look(&mut self, at: usize, ahead: &[usize], pass: &mut Pass) -> Option<Option<Tasks>> {
        let place = self.groups.0[at].place(&self.base);
        let changes = self.groups.0[at].changes.clone();
        let below = self.groups.changes(ahead);
        let mut line = below.clone();
        line.extend(&changes);
        let (candidate, tasks) = match self.base.plan(&line) {
            Planning::Waiting => {
                pass.wishes.push((place, self.base.keep(&changes)));
                return Some(None);
            }
            Planning::Clash(clash) => {
                self.clash(&clash, &line);
                return None;
            }
            Planning::Ready(candidate, tasks) => (candidate, tasks),
        };
        if changes.iter().any(|change| self.base.is_landing(*change)) {
            return Some(Some(tasks));
        }
        let known: Vec<&Tasks> = ahead
            .iter()
            .filter_map(|one| pass.tasks[*one].as_ref())
            .collect();
        if known.len() == ahead.len() {
            match fault(&self.base, &tasks, &changes, &known) {
                None if ahead.is_empty() => self.land(&tasks, &changes, pass),
                None | Some(Err(())) => {}
                Some(Ok(fault)) => match fault.trace(&mut self.base, &below) {
                    Finding::Guilty(change) => {
                        self.charge(change, &line, fault.project, fault.key);
                        return None;
                    }
                    Finding::Open(wish) => {
                        pass.wishes.push((place, wish));
                        pass.tainted.join(&self.base.book.touched(&fault.suspects));
                    }
                },
            }
        }
        self.want(candidate, &tasks, place, pass);
        Some(Some(tasks))
    }

    /// Wants the tasks of a group, but for those that will change.
    fn want(&self, candidate: CandidateId, tasks: &Tasks, place: Option<Place>, pass: &mut Pass) {
        for wish in self.base.wants(SHARED, candidate, tasks) {
            let due = match &wish {
                Wish::Run(want) => !pass.tainted.has(&want.project),
                Wish::Keep(_) => true,
            };
            if due {
                pass.wishes.push((place, wish));
            }
        }
    }

    /// Lands a group with nobody ahead, if its keys are green and no other one is first.
    fn land(&mut self, tasks: &Tasks, changes: &[ChangeId], pass: &mut Pass) {
        if !pass.landed && self.base.all_green(SHARED, tasks) {
            pass.landed = true;
            self.base.land(changes);
        }
    }

    fn clash(&mut self, clash: &Clash, line: &[ChangeId]) {
        match Base::rival(clash, line) {
            Rival::Trunk => {
                self.groups.remove(&self.base, &[clash.change]);
                self.base.refuse_clash(clash);
            }
            Rival::Change(rival) => {
                let rivals = BTreeSet::from([rival]);
                self.try_change(clash.change, Charge::Clash, rivals);
            }
        }
    }

    /// Takes a change out of its group because a task is red with it, on top of those ahead of it in `line`.
    fn charge(
        &mut self,
        change: ChangeId,
        line: &[ChangeId],
        project: crate::Project,
        key: crate::Key,
    ) {
        let ahead = line.iter().take_while(|one| **one != change).copied();
        let ahead: BTreeSet<ChangeId> = ahead.collect();
        let touching = |one: &&ChangeId| {
            let entry = self.base.book.get(**one);
            entry.is_some_and(|entry| entry.touched.has(&project))
        };
        let rivals = ahead.iter().filter(touching).copied().collect();
        let charge = Charge::Red {
            project,
            key,
            ahead,
        };
        self.try_change(change, charge, rivals);
    }

    fn try_change(&mut self, change: ChangeId, charge: Charge, rivals: BTreeSet<ChangeId>) {
        if let Some(entry) = self.base.book.get_mut(change) {
            entry.rivals.extend(&rivals);
        }
        self.groups.remove(&self.base, &[change]);
        self.trials.push(Trial::new(change, charge, rivals));
    }

    fn hold_trials(&mut self, pass: &mut Pass) -> Option<()> {
        for at in 0..self.trials.len() {
            let change = self.trials[at].change();
            match self.trials[at].judge(&mut self.base) {
                Judgement::Open(wish) => {
                    let place = self.base.book.place(change);
                    pass.wishes.extend(wish.map(|wish| (place, wish)));
                }
                Judgement::Acquitted | Judgement::Refused => {
                    self.trials.remove(at);
                    return None;
                }
            }
        }
        Some(())
    }

    fn outlook(&self, change: ChangeId, ahead: &[Vec<usize>]) -> Outlook {
        if self.trials.iter().any(|trial| trial.change() == change) {
            return Outlook {
                line: vec![change],
                batch: vec![change],
                scope: SHARED,
                suspect: true,
            };
        }
        let mut groups = self.groups.0.iter();
        let Some(at) = groups.position(|group| group.changes.contains(&change)) else {
            return Outlook::default();
        };
        let batch = self.groups.0[at].changes.clone();
        let mut line = self.groups.changes(&ahead[at]);
        line.extend(&batch);
        Outlook {
            line,
            batch,
            scope: SHARED,
            suspect: false,
        }
    }
}

impl Strategy for GreenKey {
    fn step(&mut self, event: Event) -> Vec<Order> {
        let news = self.base.apply(event);
        self.hear(&news);
        if self.base.trunk.is_none() {
            return self.base.take();
        }
        // Each pass but the last moves a change. A driver that answers at odds with itself could move one for ever.
        let most = PASSES * (self.base.book.len() + 1);
        for _ in 0..most {
            if let Some(wishes) = self.turn() {
                return self.base.settle(&wishes);
            }
        }
        self.base.take()
    }

    fn view(&self) -> View {
        let ahead = self.groups.ahead();
        view(&self.base, true, |change| self.outlook(change, &ahead))
    }
}
