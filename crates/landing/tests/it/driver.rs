//! A driver that answers in a random order, crashes, and watches the queue for anything that it must not do.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use trunkline_landing::{
    Because, Candidate, CandidateId, ChangeId, Commit, Event, Key, Kind, Member, Order, Project,
    Settings, Strategy, Touched, Verdict,
};

use crate::truth::{FOREIGN, Trouble, Truth, member, mix};

/// What happens beside the changes, in parts of a thousand steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plot {
    pub(crate) seed: u64,
    pub(crate) kind: Kind,
    pub(crate) trouble: Trouble,
    pub(crate) changes: u64,
    /// Whether all changes are there from the start.
    pub(crate) at_once: bool,
    /// Whether a change conflicts with one other at most.
    pub(crate) couples: bool,
    pub(crate) amends: u64,
    pub(crate) withdrawals: u64,
    pub(crate) priorities: bool,
    pub(crate) foreign: u64,
    pub(crate) pauses: u64,
    pub(crate) crashes: u64,
}

/// How many changes the queue has at most, so that a long run stays quick.
const DEPTH: usize = 24;

pub(crate) struct Driver {
    plot: Plot,
    pub(crate) truth: Truth,
    queue: Box<dyn Strategy + Send>,
    random: u64,
    submitted: u64,
    revisions: BTreeMap<ChangeId, u32>,
    open: BTreeMap<ChangeId, (u8, u64)>,
    withdrawn: BTreeSet<ChangeId>,
    pub(crate) landed: Vec<Member>,
    pub(crate) refused: BTreeSet<ChangeId>,
    pub(crate) flakes: usize,
    pub(crate) runs: usize,
    /// By how many later ones of no higher priority a change was overtaken at most, where they share projects.
    pub(crate) overtaken: u64,
    foreign: u64,
    slots: usize,
    paused: bool,
    candidates: BTreeMap<CandidateId, Candidate>,
    tasks: BTreeMap<Key, (Project, Vec<Member>)>,
    plans: VecDeque<CandidateId>,
    running: BTreeSet<Key>,
    green: BTreeSet<Key>,
    reds: BTreeMap<Key, usize>,
    flaked: BTreeSet<Key>,
    landing: Option<CandidateId>,
    events: VecDeque<Event>,
    history: Vec<Event>,
    /// A digest of all orders.
    pub(crate) orders: u64,
}

impl Driver {
    pub(crate) fn new(plot: Plot) -> Self {
        let mut driver = Self {
            plot,
            truth: Truth {
                seed: plot.seed,
                trouble: plot.trouble,
                couples: plot.couples,
                contents: BTreeMap::new(),
            },
            queue: plot.kind.queue(Settings::default()),
            random: mix(&[plot.seed, 77]),
            submitted: 0,
            revisions: BTreeMap::new(),
            open: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
            landed: Vec::new(),
            refused: BTreeSet::new(),
            flakes: 0,
            runs: 0,
            overtaken: 0,
            foreign: 0,
            slots: 4,
            paused: false,
            candidates: BTreeMap::new(),
            tasks: BTreeMap::new(),
            plans: VecDeque::new(),
            running: BTreeSet::new(),
            green: BTreeSet::new(),
            reds: BTreeMap::new(),
            flaked: BTreeSet::new(),
            landing: None,
            events: VecDeque::new(),
            history: Vec::new(),
            orders: 0,
        };
        if plot.at_once {
            (0..plot.changes).for_each(|_| driver.submit());
        }
        driver.start();
        driver
    }

    /// Goes on until every change has landed or was refused.
    pub(crate) fn run(mut self) -> Self {
        let mut steps = 0_u64;
        while self.submitted < self.plot.changes || !self.open.is_empty() {
            steps += 1;
            let most = 3_000 * (self.plot.changes + 10);
            assert!(steps < most, "no end: {:#?}", self.queue.view());
            self.happen();
            self.deliver();
        }
        assert!(self.running.is_empty(), "tasks run for nobody");
        self
    }

    fn random(&mut self, below: u64) -> u64 {
        self.random = mix(&[self.random, 1]);
        (self.random >> 11) % below
    }

    fn reuses(&self) -> bool {
        matches!(self.plot.kind, Kind::SpeculationWithKeys | Kind::GreenKey)
    }

    fn record(&mut self, event: Event) {
        self.history.push(event.clone());
        self.events.push_back(event);
    }

    fn deliver(&mut self) {
        while let Some(event) = self.events.pop_front() {
            for order in self.queue.step(event) {
                let text = format!("{order:?}");
                let bytes: Vec<u64> = text.bytes().map(u64::from).collect();
                self.orders = mix(&[self.orders, mix(&bytes)]);
                self.obey(order);
            }
            assert!(self.running.len() <= self.slots, "too many tasks");
        }
    }

    /// Something happens next.
    fn happen(&mut self) {
        let plot = self.plot;
        let dice = self.random(1000);
        let mut limit = 0;
        let mut below = |share: u64| {
            limit += share;
            dice < limit
        };
        if below(plot.amends) {
            self.amend();
        } else if below(plot.withdrawals) {
            self.withdraw();
        } else if below(plot.foreign) {
            let touched = self.move_trunk();
            let trunk = self.trunk();
            self.events.push_back(Event::TrunkMoved { trunk, touched });
        } else if below(plot.pauses) {
            self.pause();
        } else if below(plot.crashes) {
            self.crash();
        } else if below(150) && self.submitted < plot.changes && self.open.len() < DEPTH {
            self.submit();
        } else {
            self.work();
        }
    }

    fn work(&mut self) {
        let plans = self.plans.len() as u64;
        let all = plans + self.running.len() as u64 + u64::from(self.landing.is_some());
        if all == 0 {
            if self.paused {
                self.pause();
            } else if self.submitted < self.plot.changes {
                self.submit();
            }
            return;
        }
        let which = self.random(all);
        if which < plans {
            if let Some(id) = self.plans.remove(which as usize) {
                self.plan(id);
            }
        } else if let Some(key) = self.running.iter().nth((which - plans) as usize).copied() {
            self.finish(key);
        } else {
            self.land();
        }
    }

    fn submit(&mut self) {
        let change = ChangeId(self.submitted);
        self.submitted += 1;
        let content = self.truth.write(member(change.0, 0), false);
        self.revisions.insert(change, 0);
        let dice = self.random(10);
        let priority = u8::from(self.plot.priorities && dice == 0);
        self.open.insert(change, (priority, self.submitted));
        let touched = content.touched;
        self.record(Event::Submitted {
            change,
            touched,
            priority,
        });
    }

    fn some_open(&mut self) -> Option<ChangeId> {
        let count = self.open.len() as u64;
        let place = if count == 0 { 0 } else { self.random(count) };
        let change = self.open.keys().nth(place as usize).copied()?;
        (!self.withdrawn.contains(&change)).then_some(change)
    }

    fn amend(&mut self) {
        let Some(change) = self.some_open() else {
            return;
        };
        let revision = self.revisions.entry(change).or_default();
        *revision += 1;
        let content = self.truth.write(member(change.0, *revision), false);
        let touched = content.touched;
        self.record(Event::Amended { change, touched });
    }

    fn withdraw(&mut self) {
        let Some(change) = self.some_open() else {
            return;
        };
        self.withdrawn.insert(change);
        self.record(Event::Withdrawn { change });
    }

    fn pause(&mut self) {
        self.paused = !self.paused;
        self.events.push_back(if self.paused {
            Event::Paused
        } else {
            Event::Resumed
        });
        self.deliver();
        self.slots = 1 + self.random(6) as usize;
        let slots = self.slots;
        self.events.push_back(Event::SlotsChanged { slots });
        self.deliver();
    }

    fn move_trunk(&mut self) -> Touched {
        let member = member(FOREIGN + self.foreign, 0);
        self.foreign += 1;
        let content = self.truth.write(member, true);
        self.landed.push(member);
        content.touched
    }

    fn trunk(&self) -> Commit {
        Commit::from(self.landed.len().to_string().as_str())
    }

    fn below(&self, candidate: &Candidate) -> &[Member] {
        &self.landed[..candidate.base.0.parse::<usize>().unwrap()]
    }

    fn plan(&mut self, id: CandidateId) {
        let candidate = self.candidates[&id].clone();
        let below = self.below(&candidate).to_vec();
        let result = self.truth.merge(&below, &candidate.changes);
        for (key, project) in result.iter().flatten() {
            let members = [below.as_slice(), &candidate.changes].concat();
            let content = self.truth.content(project, &members);
            self.tasks.insert(*key, (project.clone(), content));
        }
        let candidate = id;
        self.events.push_back(Event::Planned { candidate, result });
    }

    fn finish(&mut self, key: Key) {
        self.running.remove(&key);
        let (project, members) = &self.tasks[&key];
        let numbers: Vec<u64> = key.0.iter().copied().map(u64::from).collect();
        let flaky = mix(&[self.truth.seed, mix(&numbers)]) % 100 < self.plot.trouble.flakes;
        let green = self.truth.is_green(project, members);
        let verdict = if green && !(flaky && self.flaked.insert(key)) {
            self.green.insert(key);
            Verdict::Green
        } else {
            *self.reds.entry(key).or_default() += 1;
            Verdict::Red
        };
        self.events.push_back(Event::Finished { key, verdict });
    }

    /// Trunk moves to what is being landed, if it is still where it was.
    fn land(&mut self) {
        let Some(id) = self.landing.take() else {
            return;
        };
        let candidate = self.candidates[&id].clone();
        let mut touched = Touched::default();
        if self.plot.foreign > 0 && self.random(10) == 0 {
            touched = self.move_trunk();
        }
        if candidate.base != self.trunk() {
            let trunk = self.trunk();
            self.events.push_back(Event::LandRefused {
                candidate: id,
                trunk,
                touched,
            });
            return;
        }
        self.count_overtaken(&candidate);
        for member in &candidate.changes {
            assert!(self.open.remove(&member.change).is_some(), "landed twice");
            self.landed.push(*member);
        }
        for project in crate::truth::projects() {
            let moved = candidate.changes.iter();
            if moved
                .clone()
                .any(|member| self.truth.touches(member, &project))
            {
                let green = self.truth.is_green(&project, &self.landed);
                assert!(green, "trunk is red in {project} with {candidate:?}");
            }
        }
        let changes = candidate.changes.iter().map(|member| member.change);
        let changes = changes.collect();
        let trunk = self.trunk();
        self.record(Event::Landed {
            candidate: id,
            changes,
            trunk,
        });
    }

    fn count_overtaken(&mut self, candidate: &Candidate) {
        for landed in &candidate.changes {
            let (priority, number) = self.open[&landed.change];
            for (change, (other, first)) in &self.open {
                let now = member(change.0, self.revisions[change]);
                let stays = candidate.changes.iter().all(|one| one.change != *change);
                let meets = self.truth.contents[&now]
                    .touched
                    .meets(&self.truth.contents[landed].touched);
                if stays && meets && *other >= priority {
                    self.overtaken = self.overtaken.max(number.saturating_sub(*first));
                }
            }
        }
    }

    /// The queue is lost, with all that was going on; what was recorded is not.
    fn crash(&mut self) {
        self.deliver();
        self.queue = self.plot.kind.queue(Settings::default());
        for event in self.history.clone() {
            assert!(self.queue.step(event).is_empty(), "history has orders");
        }
        self.plans.clear();
        self.candidates.clear();
        self.running.clear();
        self.reds.clear();
        self.landing = None;
        self.paused = false;
        let green = self.green.iter().copied().collect();
        self.events.push_back(Event::Known { green });
        self.start();
    }

    fn start(&mut self) {
        let (trunk, slots) = (self.trunk(), self.slots);
        self.events.push_back(Event::Started { trunk, slots });
        self.deliver();
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Plan { candidate } => {
                let id = candidate.id;
                assert_eq!(candidate.base, self.trunk(), "planned on the past");
                self.plans.push_back(id);
                let before = self.candidates.insert(id, candidate);
                assert!(before.is_none(), "a candidate's id is used twice");
            }
            Order::Run { key, candidate, .. } => self.start_task(key, candidate),
            Order::Stop { key } => assert!(self.running.remove(&key), "stopped what did not run"),
            Order::Land { candidate, changes } => {
                assert!(self.landing.is_none() && !self.paused, "landed out of turn");
                let members = self.candidates[&candidate].changes.iter();
                let members: Vec<_> = members.map(|member| member.change).collect();
                assert_eq!(members, changes);
                self.landing = Some(candidate);
            }
            Order::Refuse { change, because } => self.refuse(change, &because),
            Order::Flake { key, .. } => {
                assert!(self.flaked.contains(&key), "no flake");
                self.flakes += 1;
            }
        }
    }

    fn start_task(&mut self, key: Key, candidate: CandidateId) {
        let candidate = &self.candidates[&candidate];
        let (project, content) = &self.tasks[&key];
        let below = self.below(candidate);
        let members = [below, &candidate.changes].concat();
        assert_eq!(&self.truth.content(project, &members), content);
        assert!(!self.paused, "started in a pause");
        assert!(self.running.insert(key), "runs twice at once");
        assert!(self.running.len() <= self.slots, "no slot");
        self.runs += 1;
        if self.reuses() {
            assert!(!self.green.contains(&key), "a green key is run again");
            let reds = self.reds.get(&key).copied().unwrap_or_default();
            assert!(reds < 2, "a key is run a third time");
        }
    }

    fn refuse(&mut self, change: ChangeId, because: &Because) {
        if *because == Because::TooLate {
            assert!(self.landed.iter().any(|one| one.change == change));
            return;
        }
        assert!(
            self.open.remove(&change).is_some(),
            "refused twice: {change}"
        );
        self.refused.insert(change);
        self.history.push(Event::Refused { change });
        if *because == Because::Withdrawn {
            assert!(self.withdrawn.contains(&change));
            return;
        }
        let now = member(change.0, self.revisions[&change]);
        let fair = self.truth.is_at_fault(&now, &self.landed);
        assert!(fair, "change {change} was refused for nothing: {because}");
    }
}
