//! What all rules build on: the changes, their candidates, the tasks and trunk.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{Book, Deferred};
use crate::order::Member;
use crate::plans::{Planning, Plans, Tasks};
use crate::runs::{Runs, Scope, State, Want, Wish};
use crate::{
    Because, CandidateId, ChangeId, Clash, Commit, Event, Order, Rival, Settings, Touched,
};

/// What an event means for the rules.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Changes that landed, in their order.
    pub(crate) landed: Vec<ChangeId>,
    /// Changes that left or have other content.
    pub(crate) left: Vec<ChangeId>,
}

/// What is being landed.
#[derive(Clone, Debug)]
pub(crate) struct Landing {
    pub(crate) candidate: CandidateId,
    pub(crate) changes: Vec<ChangeId>,
}

#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) settings: Settings,
    pub(crate) book: Book,
    pub(crate) plans: Plans,
    pub(crate) runs: Runs,
    /// Nothing before the start.
    pub(crate) trunk: Option<Commit>,
    pub(crate) paused: bool,
    pub(crate) landing: Option<Landing>,
    /// Refusals that history does not tell of yet.
    owed: BTreeMap<ChangeId, Because>,
    orders: Vec<Order>,
}

impl Base {
    pub(crate) fn new(settings: Settings, overtaking: u64) -> Self {
        Self {
            book: Book::new(overtaking),
            plans: Plans::default(),
            runs: Runs::new(settings.confirm, settings.keys),
            trunk: None,
            paused: false,
            landing: None,
            owed: BTreeMap::new(),
            orders: Vec::new(),
            settings,
        }
    }

    /// Takes an event in.
    pub(crate) fn apply(&mut self, event: Event) -> News {
        let mut news = News::default();
        self.plans.begin();
        match event {
            Event::Started { trunk, slots } => {
                self.trunk = Some(trunk);
                self.runs.slots = slots;
                for (change, because) in std::mem::take(&mut self.owed) {
                    self.refuse(change, because);
                }
            }
            Event::Submitted {
                change,
                touched,
                priority,
            } => self.submit(change, touched, priority, &mut news),
            Event::Amended { change, touched } => self.amend(change, touched, None, &mut news),
            Event::Withdrawn { change } => self.withdraw(change, &mut news),
            Event::Refused { change } => {
                self.owed.remove(&change);
                self.book.remove(change);
                news.left.push(change);
            }
            Event::Planned { candidate, result } => {
                if let Some(trunk) = &self.trunk {
                    self.plans.answer(candidate, result, trunk);
                }
            }
            Event::Finished { key, verdict } => {
                let flake = self.runs.finish(key, verdict);
                self.orders.extend(flake);
            }
            Event::Known { green } => green.into_iter().for_each(|key| self.runs.know(key)),
            Event::Landed {
                candidate,
                changes,
                trunk,
            } => self.landed(candidate, changes, trunk, &mut news),
            Event::LandRefused {
                candidate,
                trunk,
                touched,
            } => {
                self.moved(trunk, &touched);
                self.undo(candidate, &mut news);
            }
            Event::TrunkMoved { trunk, touched } => self.moved(trunk, &touched),
            Event::Paused => self.paused = true,
            Event::Resumed => self.paused = false,
            Event::SlotsChanged { slots } => self.runs.slots = slots,
        }
        news
    }

    fn submit(&mut self, change: ChangeId, touched: Touched, priority: u8, news: &mut News) {
        self.owed.remove(&change);
        if self.book.get(change).is_some() {
            self.amend(change, touched, Some(priority), news);
        } else if self.book.len() >= self.settings.changes {
            let limit = self.settings.changes;
            self.refuse(change, Because::Full { limit });
        } else {
            self.book.submit(change, touched, priority);
        }
    }

    fn amend(&mut self, change: ChangeId, touched: Touched, priority: Option<u8>, news: &mut News) {
        if self.defer(change, Deferred::Amend(touched.clone())) {
            return;
        }
        self.book.amend(change, touched, priority);
        news.left.push(change);
    }

    fn withdraw(&mut self, change: ChangeId, news: &mut News) {
        if self.book.get(change).is_none() || self.defer(change, Deferred::Withdraw) {
            return;
        }
        self.refuse(change, Because::Withdrawn);
        news.left.push(change);
    }

    /// Keeps what a person asked for until it is known whether the change has landed.
    fn defer(&mut self, change: ChangeId, deferred: Deferred) -> bool {
        let landing = self.landing.as_ref();
        if !landing.is_some_and(|landing| landing.changes.contains(&change)) {
            return false;
        }
        if let Some(entry) = self.book.get_mut(change) {
            entry.deferred = Some(deferred);
        }
        true
    }

    fn landed(
        &mut self,
        candidate: CandidateId,
        changes: Vec<ChangeId>,
        trunk: Commit,
        news: &mut News,
    ) {
        let touched = self.book.touched(&changes);
        let landed: BTreeSet<ChangeId> = changes.iter().copied().collect();
        let tasks = self.plans.tasks(candidate).unwrap_or_default();
        let book = &self.book;
        let meets = |members: &[Member]| meets(book, members, &touched);
        self.plans.land(&landed, &tasks, meets);
        self.landing = None;
        self.book.meet_landed(&landed);
        for change in &changes {
            self.owed.remove(change);
            let entry = self.book.remove(*change);
            if entry.is_some_and(|entry| entry.deferred.is_some()) {
                self.refuse(*change, Because::TooLate);
            }
        }
        if self.trunk.is_some() {
            self.trunk = Some(trunk);
        }
        news.landed = changes;
    }

    fn moved(&mut self, trunk: Commit, touched: &Touched) {
        let book = &self.book;
        self.plans.spoil(|members| meets(book, members, touched));
        if self.trunk.is_some() {
            self.trunk = Some(trunk);
        }
    }

    /// Ends a landing that came to nothing.
    fn undo(&mut self, candidate: CandidateId, news: &mut News) {
        if self
            .landing
            .as_ref()
            .is_none_or(|one| one.candidate != candidate)
        {
            return;
        }
        let changes = self.landing.take().map_or_else(Vec::new, |one| one.changes);
        for change in changes {
            let entry = self.book.get_mut(change);
            match entry.and_then(|entry| entry.deferred.take()) {
                Some(Deferred::Amend(touched)) => self.amend(change, touched, None, news),
                Some(Deferred::Withdraw) => self.withdraw(change, news),
                None => {}
            }
        }
    }

    pub(crate) fn refuse(&mut self, change: ChangeId, because: Because) {
        self.book.remove(change);
        if self.trunk.is_none() {
            self.owed.insert(change, because);
            return;
        }
        self.orders.push(Order::Refuse { change, because });
    }

    pub(crate) fn members(&self, changes: &[ChangeId]) -> Vec<Member> {
        changes
            .iter()
            .map(|change| self.book.member(*change))
            .collect()
    }

    /// What is known of `changes` on trunk; asked for where it is not known.
    pub(crate) fn plan(&mut self, changes: &[ChangeId]) -> Planning {
        let members = self.members(changes);
        match &self.trunk {
            Some(trunk) => self.plans.ask(members, trunk, &mut self.orders),
            None => Planning::Waiting,
        }
    }

    /// Whom a clash in a candidate of `line` is with as things are now: a change that is not ahead in it any more counts as trunk.
    pub(crate) fn rival(clash: &Clash, line: &[ChangeId]) -> Rival {
        match clash.with {
            Rival::Change(with) if with != clash.change && line.contains(&with) => clash.with,
            _ => Rival::Trunk,
        }
    }

    /// Refuses a change that does not merge with trunk, and names the change that it met there.
    pub(crate) fn refuse_clash(&mut self, clash: &Clash) {
        let with = match clash.with {
            Rival::Change(with) if with == clash.change => Rival::Trunk,
            with => with,
        };
        self.refuse(clash.change, Because::Conflict { with });
    }

    /// How many slots a candidate that is being planned may need.
    pub(crate) fn keep(&self, changes: &[ChangeId]) -> Wish {
        let count = self.book.touched(changes).count();
        Wish::Keep(count.unwrap_or(usize::MAX))
    }

    pub(crate) fn all_green(&self, scope: Scope, tasks: &Tasks) -> bool {
        let mut tasks = tasks.iter();
        tasks.all(|(key, _)| self.runs.state(scope, key) == Some(State::Green))
    }

    /// Wants of tasks that have no result.
    pub(crate) fn wants<'a>(
        &'a self,
        scope: Scope,
        candidate: CandidateId,
        tasks: &'a Tasks,
    ) -> impl Iterator<Item = Wish> + 'a {
        let open = tasks
            .iter()
            .filter(move |(key, _)| self.runs.state(scope, key).is_none());
        open.map(move |(key, project)| {
            Wish::Run(Want {
                scope,
                key: *key,
                project: project.clone(),
                candidate,
                confirm: false,
            })
        })
    }

    /// Lands a planned candidate whose keys are all green; plans it anew first where trunk has moved.
    pub(crate) fn land(&mut self, changes: &[ChangeId]) {
        let Some(trunk) = &self.trunk else { return };
        if self.paused || self.landing.is_some() {
            return;
        }
        let members: Vec<Member> = changes
            .iter()
            .map(|change| self.book.member(*change))
            .collect();
        let current = self.plans.current(&members, trunk, &mut self.orders);
        if let Some(candidate) = current {
            let changes = changes.to_vec();
            self.landing = Some(Landing {
                candidate,
                changes: changes.clone(),
            });
            self.orders.push(Order::Land { candidate, changes });
        }
    }

    pub(crate) fn is_landing(&self, change: ChangeId) -> bool {
        let landing = self.landing.as_ref();
        landing.is_some_and(|landing| landing.changes.contains(&change))
    }

    /// Ends a step: brings the tasks in line with the wishes and hands the orders over.
    pub(crate) fn settle(&mut self, wishes: &[Wish]) -> Vec<Order> {
        let landing = self.landing.as_ref().map(|landing| landing.candidate);
        self.plans.sweep(landing);
        self.runs
            .stop_idle(wishes, self.plans.is_waiting(), &mut self.orders);
        if !self.paused {
            self.runs.start_due(wishes, &mut self.orders);
        }
        self.take()
    }

    /// Hands the orders over.
    pub(crate) fn take(&mut self) -> Vec<Order> {
        if self.trunk.is_none() {
            // History asks for nothing.
            self.orders.clear();
        }
        std::mem::take(&mut self.orders)
    }
}

fn meets(book: &Book, members: &[Member], touched: &Touched) -> bool {
    members.iter().any(|member| {
        let entry = book.get(member.change);
        entry.is_some_and(|entry| entry.touched.meets(touched))
    })
}
