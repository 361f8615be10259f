//! Speaking to the queue of a repository.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::actor::Actor;
use super::follow::{Follower, Notes};
use super::report::QueueReport;
use crate::Forge;
use crate::forge::Hosted;
use crate::store::Landing;

/// What the actor is told.
#[derive(Debug)]
pub(super) enum Message {
    Submit(Landing),
    Withdraw(String),
    Pause(bool),
    TrunkMoved,
    Report(oneshot::Sender<QueueReport>),
    /// Something that was ordered is done.
    Done(super::actor::Done),
}

/// The queue of a repository.
#[derive(Debug)]
pub(crate) struct Queue {
    to: mpsc::UnboundedSender<Message>,
    notes: Notes,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A queue that does not run yet.
#[derive(Debug)]
pub(crate) struct Start {
    to: mpsc::UnboundedSender<Message>,
    from: mpsc::UnboundedReceiver<Message>,
    notes: Notes,
    stop: CancellationToken,
    tasks: TaskTracker,
    paused: bool,
}

impl Queue {
    /// A queue, and what makes it run.
    pub(crate) fn new(paused: bool) -> (Self, Start) {
        // Each entry stands for a row, and rows are limited.
        let (to, from) = mpsc::unbounded_channel();
        let queue = Self {
            to: to.clone(),
            notes: Notes::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let start = Start {
            to,
            from,
            notes: queue.notes.clone(),
            stop: queue.stop.clone(),
            tasks: queue.tasks.clone(),
            paused,
        };
        (queue, start)
    }

    /// How many landings are under way.
    pub(crate) fn len(&self) -> usize {
        self.notes.len()
    }

    /// Puts something in.
    pub(crate) fn submit(&self, landing: Landing) -> Follower {
        let follower = self.notes.begin(&landing.id);
        self.tell(Message::Submit(landing));
        follower
    }

    /// Listens to what is in it.
    pub(crate) fn follow(&self, landing: &str) -> Option<Follower> {
        self.notes.follow(landing)
    }

    /// Takes out what was withdrawn.
    pub(crate) fn withdraw(&self, landings: impl IntoIterator<Item = String>) {
        for landing in landings {
            self.tell(Message::Withdraw(landing));
        }
    }

    /// Lets it wait, or go on.
    pub(crate) fn pause(&self, paused: bool) {
        self.tell(Message::Pause(paused));
    }

    /// Says that the trunk was moved by another hand.
    pub(crate) fn trunk_moved(&self) {
        self.tell(Message::TrunkMoved);
    }

    /// What a person sees of it; nothing where it does not run.
    pub(crate) async fn report(&self) -> Option<QueueReport> {
        let (to, from) = oneshot::channel();
        self.tell(Message::Report(to));
        from.await.ok()
    }

    /// Ends it with all that it does.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.notes.stop();
    }

    fn tell(&self, message: Message) {
        // A queue that ended has its rows, and reads them at the next start.
        let _ended = self.to.send(message);
    }
}

impl Start {
    /// Makes the queue run, which begins with what was in it.
    pub(crate) fn run(self, forge: Arc<Forge>, hosted: Arc<Hosted>, landings: Vec<Landing>) {
        let tasks = self.tasks.clone();
        let actor = Actor::new(forge, hosted, self.to, self.notes, self.stop, self.tasks);
        tasks.spawn(actor.run(self.from, landings, self.paused));
    }
}
