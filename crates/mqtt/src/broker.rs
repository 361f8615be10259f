//! All sessions, and the way of a message to them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::codec::{Options, Reason};
use crate::port::{Pass, Ports, Received};
use crate::retained::Retained;
use crate::session::{Delivery, Enqueued, Session, State};
use crate::topic::shared;
use crate::tree::Tree;
use crate::{Limits, Message};

/// Topics that the platform answers itself.
const RESERVED: &str = "$aws/";

/// The broker. A clone is the same broker.
#[derive(Clone, Debug)]
pub struct Broker(pub(crate) Arc<Core>);

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) limits: Limits,
    pub(crate) ports: Ports,
    pub(crate) closing: CancellationToken,
    sessions: Mutex<HashMap<Arc<str>, Arc<Session>>>,
    tree: RwLock<Tree<Subscriber>>,
    retained: Mutex<Retained>,
    links: AtomicU64,
    turn: AtomicUsize,
    pub(crate) count: Count,
}

/// Counters since the start.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) connected: AtomicU64,
    pub(crate) received: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) refused: AtomicU64,
}

/// One subscription of one session.
#[derive(Clone, Debug)]
struct Subscriber {
    session: Arc<Session>,
    options: Options,
    /// The group that shares the subscription.
    group: Option<Box<str>>,
}

/// What the broker did since its start, and what it holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrokerStats {
    /// Connections now.
    pub connections: u64,
    /// Sessions now, connected or not.
    pub sessions: u64,
    /// Subscriptions now.
    pub subscriptions: u64,
    /// Retained messages now.
    pub retained: u64,
    /// Messages that were taken.
    pub received: u64,
    /// Messages that were given to sessions.
    pub sent: u64,
    /// Messages that were lost for want of room or of a right.
    pub dropped: u64,
    /// Connections that were not let in.
    pub refused: u64,
}

impl Broker {
    /// A broker without connections.
    #[must_use]
    pub fn new(limits: Limits, ports: Ports, closing: CancellationToken) -> Self {
        Self(Arc::new(Core {
            limits,
            ports,
            closing,
            sessions: Mutex::default(),
            tree: RwLock::default(),
            retained: Mutex::default(),
            links: AtomicU64::new(0),
            turn: AtomicUsize::new(0),
            count: Count::default(),
        }))
    }

    /// Sends a message that was kept elsewhere or need not be kept, such as the answer of a twin.
    pub fn tell(&self, message: Message) {
        self.0.route(&Arc::new(message));
    }

    /// What was shown for the connections that there are, each once.
    #[must_use]
    pub fn credentials(&self) -> HashSet<Arc<str>> {
        let sessions = self.0.sessions();
        sessions
            .values()
            .filter_map(|session| session.lock().credential().cloned())
            .collect()
    }

    /// Ends the connections for which `credential` was shown.
    pub fn revoke(&self, credential: &str) {
        for session in self.0.sessions().values() {
            let mut state = session.lock();
            if state
                .credential()
                .is_some_and(|shown| **shown == *credential)
            {
                state.end(Reason::AdministrativeAction);
            }
        }
    }

    /// Forgets sessions and retained messages whose time is over. To be called every second or so.
    pub fn sweep(&self) {
        let now = Instant::now();
        self.0.retained().sweep(now);
        let over: Vec<_> = {
            let mut sessions = self.0.sessions();
            let over: Vec<_> = sessions
                .values()
                .filter(|session| session.lock().is_over(now))
                .cloned()
                .collect();
            for session in &over {
                sessions.remove(&session.client);
            }
            over
        };
        for session in over {
            self.0.unsubscribe_all(&session);
        }
    }

    /// What it did and holds.
    #[must_use]
    pub fn stats(&self) -> BrokerStats {
        let count = &self.0.count;
        let at = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        BrokerStats {
            connections: at(&count.connected),
            sessions: self.0.sessions().len() as u64,
            subscriptions: self
                .0
                .tree
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .len() as u64,
            retained: self.0.retained().len() as u64,
            received: at(&count.received),
            sent: at(&count.sent),
            dropped: at(&count.dropped),
            refused: at(&count.refused),
        }
    }
}

/// A session that was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) session: Arc<Session>,
    pub(crate) link: u64,
    pub(crate) wake: Arc<Notify>,
    pub(crate) present: bool,
}

impl Core {
    fn sessions(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn retained(&self) -> MutexGuard<'_, Retained> {
        self.retained.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the session of `client` for a new connection, in the place of the connection that has it now. What another principal left
    /// under this name is forgotten. Nothing where there are too many sessions.
    pub(crate) fn open(
        &self,
        client: &str,
        clean: bool,
        pass: &Pass,
        attach: impl FnOnce(&mut State, (u64, Arc<Notify>)),
    ) -> Option<Opened> {
        let link = self.links.fetch_add(1, Ordering::Relaxed) + 1;
        // Held to the end, so that no session is forgotten while it is opened.
        let mut sessions = self.sessions();
        let known = sessions.get(client).cloned();
        let session = match &known {
            Some(session) => Arc::clone(session),
            None => {
                if sessions.len() >= self.limits.sessions {
                    return None;
                }
                let client: Arc<str> = client.into();
                let session = Arc::new(Session::new(Arc::clone(&client)));
                sessions.insert(client, Arc::clone(&session));
                session
            }
        };
        let present = known.is_some() && !clean && {
            let state = session.lock();
            state.is_of(&pass.principal) && !state.is_over(Instant::now())
        };
        if !present {
            self.unsubscribe_all(&session);
        }
        let mut state = session.lock();
        if !present {
            state.clear();
        }
        let wake = Arc::new(Notify::new());
        attach(&mut state, (link, Arc::clone(&wake)));
        drop((state, sessions));
        if present {
            self.take_away(&session, pass);
        }
        Some(Opened {
            session,
            link,
            wake,
            present,
        })
    }

    /// Ends subscriptions that the client may not have any more.
    fn take_away(&self, session: &Arc<Session>, pass: &Pass) {
        let written: Vec<Box<str>> = session.lock().subscriptions.keys().cloned().collect();
        for written in written {
            let filter = match shared(&written) {
                Ok(Some((_, filter))) => filter,
                _ => &*written,
            };
            if !pass.may_subscribe(filter) {
                session.lock().subscriptions.remove(&written);
                self.remove_from_tree(session, &written);
            }
        }
    }

    /// Forgets a session that does not outlive its connection.
    pub(crate) fn forget(&self, session: &Arc<Session>) {
        let mut sessions = self.sessions();
        let same = sessions
            .get(&session.client)
            .is_some_and(|known| Arc::ptr_eq(known, session) && !known.lock().is_connected());
        if same {
            sessions.remove(&session.client);
            drop(sessions);
            self.unsubscribe_all(session);
        }
    }

    /// Subscribes the session of connection `link`, and gives it what is retained.
    ///
    /// # Errors
    /// Why the connection has to end.
    pub(crate) fn subscribe(
        &self,
        session: &Arc<Session>,
        link: u64,
        written: &str,
        options: Options,
    ) -> Result<(), Reason> {
        let (group, filter) = match shared(written) {
            Ok(Some((group, filter))) => (Some(Box::from(group)), filter),
            _ => (None, written),
        };
        // Held until the tree knows it, so that whoever takes the session over finds both.
        let mut state = session.of(link)?;
        let new = state
            .subscriptions
            .insert(written.into(), options)
            .is_none();
        let subscriber = Subscriber {
            session: Arc::clone(session),
            options,
            group: group.clone(),
        };
        let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
        tree.insert(filter, subscriber, |there| {
            Arc::ptr_eq(&there.session, session) && there.group == group
        });
        drop((tree, state));
        let wanted = match options.retain_handling {
            0 => true,
            1 => new,
            _ => false,
        };
        if wanted && group.is_none() {
            let found = self.retained().find(filter, Instant::now());
            for message in found {
                self.give(session, Delivery::new(&message, &options, true));
            }
        }
        Ok(())
    }

    /// Ends a subscription of the session of connection `link`; whether there was one.
    ///
    /// # Errors
    /// Why the connection has to end.
    pub(crate) fn unsubscribe(
        &self,
        session: &Arc<Session>,
        link: u64,
        written: &str,
    ) -> Result<bool, Reason> {
        let mut state = session.of(link)?;
        let known = state.subscriptions.remove(written).is_some();
        if known {
            self.remove_from_tree(session, written);
        }
        Ok(known)
    }

    fn unsubscribe_all(&self, session: &Arc<Session>) {
        let all = std::mem::take(&mut session.lock().subscriptions);
        for written in all.keys() {
            self.remove_from_tree(session, written);
        }
    }

    fn remove_from_tree(&self, session: &Arc<Session>, written: &str) {
        let (group, filter) = match shared(written) {
            Ok(Some((group, filter))) => (Some(group), filter),
            _ => (None, written),
        };
        self.tree
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(filter, |there| {
                Arc::ptr_eq(&there.session, session) && there.group.as_deref() == group
            });
    }

    /// Takes messages of one client: what is kept is given to who subscribed, and what is asked on a reserved topic is answered. How many
    /// were taken, from the first on; where it is not all of them, the client has to send the others again.
    pub(crate) async fn accept(&self, received: &[Received]) -> usize {
        let mut taken = 0;
        // The order of one client's messages holds, so each run of the same kind goes together.
        for run in received.chunk_by(|one, other| is_reserved(one) == is_reserved(other)) {
            let kept = if is_reserved(&run[0]) {
                self.answer(run).await
            } else {
                self.keep(run).await
            };
            taken += kept;
            if kept < run.len() {
                break;
            }
        }
        self.count
            .received
            .fetch_add(taken as u64, Ordering::Relaxed);
        taken
    }

    async fn answer(&self, run: &[Received]) -> usize {
        for (place, received) in run.iter().enumerate() {
            let Ok(replies) = self.ports.reserved.handle(received).await else {
                return place;
            };
            for reply in replies {
                self.route(&Arc::new(Message::own(reply.topic, reply.payload)));
            }
        }
        run.len()
    }

    async fn keep(&self, run: &[Received]) -> usize {
        if self.ports.journal.keep(run).await.is_err() {
            return 0;
        }
        for received in run {
            self.route(&received.message);
        }
        run.len()
    }

    /// Gives `message` to all who subscribed to it, and keeps it where it is to be retained.
    pub(crate) fn route(&self, message: &Arc<Message>) {
        if message.retain && !self.retained().put(message, self.limits.retained) {
            self.dropped(message.sender.as_deref().unwrap_or_default(), "retained");
        }
        let mut direct: Vec<(Arc<Session>, Delivery)> = Vec::new();
        let mut groups: Vec<(Box<str>, Vec<Subscriber>)> = Vec::new();
        {
            let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
            tree.visit(&message.topic, |subscriber| match &subscriber.group {
                None => {
                    let own = message.sender.as_ref() == Some(&subscriber.session.client);
                    if !(subscriber.options.no_local && own) {
                        let delivery = Delivery::new(message, &subscriber.options, false);
                        direct.push((Arc::clone(&subscriber.session), delivery));
                    }
                }
                Some(group) => match groups.iter_mut().find(|(known, _)| known == group) {
                    Some((_, members)) => members.push(subscriber.clone()),
                    None => groups.push((group.clone(), vec![subscriber.clone()])),
                },
            });
        }
        for (session, delivery) in united(direct) {
            self.give(&session, delivery);
        }
        for (_, members) in groups {
            self.give_one(message, &members);
        }
    }

    /// Counts a message that was lost to a limit of `client`.
    pub(crate) fn dropped(&self, client: &str, limit: &'static str) {
        self.count.dropped.fetch_add(1, Ordering::Relaxed);
        self.ports.watch.dropped(client, limit);
    }

    fn give(&self, session: &Session, delivery: Delivery) -> bool {
        match session.enqueue(delivery) {
            Enqueued::Yes => {
                self.count.sent.fetch_add(1, Ordering::Relaxed);
                true
            }
            Enqueued::Away => false,
            Enqueued::Dropped => {
                self.dropped(&session.client, "queue");
                false
            }
        }
    }

    /// Gives a message to one member of a group: in turn to those who are there, and where nobody is, to one who will come back.
    fn give_one(&self, message: &Arc<Message>, members: &[Subscriber]) {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let from = |place: usize| &members[(turn + place) % members.len()];
        let deliver = |member: &Subscriber| {
            self.give(
                &member.session,
                Delivery::new(message, &member.options, false),
            )
        };
        let there = (0..members.len())
            .map(from)
            .filter(|member| member.session.lock().is_connected());
        for member in there {
            if deliver(member) {
                return;
            }
        }
        let _taken = (0..members.len()).map(from).any(deliver);
    }
}

fn is_reserved(received: &Received) -> bool {
    received.message.topic.starts_with(RESERVED)
}

/// One copy for each session, whichever of its subscriptions took the message.
fn united(mut all: Vec<(Arc<Session>, Delivery)>) -> Vec<(Arc<Session>, Delivery)> {
    if all.len() < 2 {
        return all;
    }
    all.sort_by_key(|(session, _)| Arc::as_ptr(session).addr());
    let mut one: Vec<(Arc<Session>, Delivery)> = Vec::with_capacity(all.len());
    for (session, delivery) in all {
        match one.last_mut() {
            Some((last, known)) if Arc::ptr_eq(last, &session) => known.unite(delivery),
            _ => one.push((session, delivery)),
        }
    }
    one
}
