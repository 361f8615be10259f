//! The actor: events to the rules, orders from the rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunkline_landing::{
    CandidateId, ChangeId, Commit, Event, GreenKey, Key, Order, Settings, Strategy as _, Touched,
};

use super::follow::{Notes, Outcome};
use super::handle::Message;
use super::plan::{Merged, touched};
use super::runs::Running;
use crate::forge::Hosted;
use crate::store::Landing;
use crate::{Forge, Run};

/// Candidates that are remembered after they were last heard of.
const CANDIDATES: usize = 256;

/// Something that was ordered, and its outcome.
#[derive(Debug)]
pub(super) enum Done {
    /// A candidate was merged, or could not be.
    Planned {
        candidate: CandidateId,
        merged: Result<Merged, super::plan::Failed>,
        known: super::plan::Known,
    },
    /// The tasks of a project ended, or those up to the first that did not end well.
    Ran {
        key: Key,
        name: String,
        runs: Vec<Run>,
    },
    /// The trunk was moved, or was elsewhere.
    Landed(super::land::Landed),
}

/// One queue at work.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) forge: Arc<Forge>,
    pub(super) hosted: Arc<Hosted>,
    pub(super) notes: Notes,
    pub(super) rules: GreenKey,
    /// What is in the queue, by the name that the rules have for it.
    pub(super) landings: BTreeMap<ChangeId, Landing>,
    pub(super) candidates: BTreeMap<CandidateId, Arc<Merged>>,
    pub(super) running: HashMap<Key, Running>,
    /// The last runs of what is wanted.
    pub(super) ran: HashMap<Key, Vec<Run>>,
    /// The tasks of what is wanted that were red before, until it is known whose fault that is.
    pub(super) red: HashMap<Key, BTreeSet<String>>,
    pub(super) stop: CancellationToken,
    to: mpsc::UnboundedSender<Message>,
    tasks: TaskTracker,
}

impl Actor {
    pub(super) fn new(
        forge: Arc<Forge>,
        hosted: Arc<Hosted>,
        to: mpsc::UnboundedSender<Message>,
        notes: Notes,
        stop: CancellationToken,
        tasks: TaskTracker,
    ) -> Self {
        let settings = Settings {
            changes: forge.config.max_queue.saturating_mul(2),
            ..Settings::default()
        };
        Self {
            forge,
            hosted,
            notes,
            rules: GreenKey::new(settings),
            landings: BTreeMap::new(),
            candidates: BTreeMap::new(),
            running: HashMap::new(),
            ran: HashMap::new(),
            red: HashMap::new(),
            stop,
            to,
            tasks,
        }
    }

    /// Works until the platform stops.
    pub(super) async fn run(
        mut self,
        mut from: mpsc::UnboundedReceiver<Message>,
        landings: Vec<Landing>,
        paused: bool,
    ) {
        let landings = self.settle(landings).await;
        if paused {
            self.step(Event::Paused).await;
        }
        let started = Event::Started {
            trunk: self.trunk(),
            slots: self.forge.config.slots.max(1),
        };
        for landing in landings {
            self.notes.begin(&landing.id);
            self.submit(landing).await;
        }
        self.step(started).await;
        let stop = self.stop.clone();
        loop {
            let message = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                message = from.recv() => message,
            };
            match message {
                Some(message) => self.hear(message).await,
                None => break,
            }
        }
    }

    async fn hear(&mut self, message: Message) {
        match message {
            Message::Submit(landing) => self.submit(landing).await,
            Message::Withdraw(id) => self.withdraw(&id).await,
            Message::Pause(true) => self.step(Event::Paused).await,
            Message::Pause(false) => self.step(Event::Resumed).await,
            // What came past the queue could be anything.
            Message::TrunkMoved => {
                let trunk = self.trunk();
                let touched = Touched::All;
                self.step(Event::TrunkMoved { trunk, touched }).await;
            }
            Message::Report(to) => {
                // Whoever asked may be gone.
                let _gone = to.send(self.report());
            }
            Message::Done(done) => self.done(done).await,
        }
    }

    async fn submit(&mut self, landing: Landing) {
        let change = ChangeId(landing.sequence.unsigned_abs());
        let touched = touched(&self.hosted, landing.tip).await;
        let ahead = self.landings.len();
        self.notes.line(
            &landing.id,
            match ahead {
                0 => "queued".to_owned(),
                1 => "queued behind one other".to_owned(),
                _ => format!("queued, {ahead} others are in the queue"),
            },
        );
        self.landings.insert(change, landing);
        let submitted = Event::Submitted {
            change,
            touched,
            priority: 0,
        };
        self.step(submitted).await;
    }

    async fn withdraw(&mut self, id: &str) {
        let found = self.landings.iter().find(|(_, landing)| landing.id == id);
        let Some(change) = found.map(|(change, _)| *change) else {
            return;
        };
        self.landings.remove(&change);
        self.notes.end(id, Outcome::Withdrawn);
        self.step(Event::Withdrawn { change }).await;
    }

    async fn done(&mut self, done: Done) {
        match done {
            Done::Planned {
                candidate,
                merged,
                known,
            } => self.planned(candidate, merged, known).await,
            Done::Ran { key, name, runs } => self.ran(key, &name, runs).await,
            Done::Landed(landed) => self.landed(landed).await,
        }
    }

    /// Hands an event to the rules and carries out what they order.
    pub(super) async fn step(&mut self, event: Event) {
        let mut orders = self.rules.step(event);
        orders.reverse();
        while let Some(order) = orders.pop() {
            self.carry_out(order).await;
        }
        while self.candidates.len() > CANDIDATES {
            self.candidates.pop_first();
        }
    }

    async fn carry_out(&mut self, order: Order) {
        match order {
            Order::Plan { candidate } => self.plan(candidate),
            Order::Run {
                key,
                project: _,
                candidate,
            } => self.begin_run(key, candidate).await,
            Order::Stop { key } => {
                if let Some(running) = self.running.remove(&key) {
                    running.stop.cancel();
                }
            }
            Order::Land { candidate, changes } => self.land(candidate, &changes).await,
            Order::Refuse { change, because } => self.refuse(change, &because).await,
            Order::Flake { key, project: _ } => self.flaky(key).await,
        }
    }

    /// Works on something beside the actor, which hears of its outcome.
    pub(super) fn beside(&self, work: impl Future<Output = Done> + Send + 'static) {
        let (to, stop) = (self.to.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            let done = tokio::select! {
                biased;
                done = work => done,
                () = stop.cancelled() => return,
            };
            // The actor may have ended.
            let _ended = to.send(Message::Done(done));
        });
    }

    /// Where the trunk is, as the rules name it: empty where nothing was pushed yet.
    pub(super) fn trunk(&self) -> Commit {
        match self.hosted.bare.trunk_tip() {
            Ok(Some(tip)) => Commit::from(tip.to_string().as_str()),
            Ok(None) => Commit::from(""),
            Err(error) => {
                tracing::error!(%error, "the trunk cannot be read");
                Commit::from("")
            }
        }
    }
}
