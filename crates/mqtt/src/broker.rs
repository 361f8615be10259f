//! All sessions, and the way of a message to them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::codec::{Options, Reason};
use crate::gate::Gate;
use crate::kept::{Entry, Note, Undecided};
use crate::port::{Pass, Ports};
use crate::retained::Retained;
use crate::session::{Delivery, Session, State, SubscriptionImage};
use crate::tree::Tree;
use crate::{Limits, Message};
use trunkline_topic::shared;

/// The broker. A clone is the same broker.
#[derive(Clone, Debug)]
pub struct Broker(pub(crate) Arc<Core>);

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) limits: Limits,
    pub(crate) ports: Ports,
    pub(crate) closing: CancellationToken,
    gate: Mutex<Gate>,
    sessions: Mutex<HashMap<Arc<str>, Arc<Session>>>,
    pub(crate) tree: RwLock<Tree<Subscriber>>,
    retained: Mutex<Retained>,
    links: AtomicU64,
    pub(crate) turn: AtomicUsize,
    pub(crate) count: Count,
    pub(crate) undecided: Undecided,
    /// The places at which messages that are not routed yet will lie at least, and how many runs of them there are.
    applying: Mutex<BTreeMap<u64, usize>>,
    /// Notes of sessions that have no connection any more.
    loose: Mutex<Vec<Entry>>,
    /// Clients whose sessions went since the last checkpoint.
    forgotten: Mutex<HashSet<Arc<str>>>,
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
pub(crate) struct Subscriber {
    pub(crate) session: Arc<Session>,
    pub(crate) options: Options,
    /// The group that shares the subscription.
    pub(crate) group: Option<Box<str>>,
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
            gate: Mutex::new(Gate::new(limits, Instant::now())),
            sessions: Mutex::default(),
            tree: RwLock::default(),
            retained: Mutex::default(),
            links: AtomicU64::new(0),
            turn: AtomicUsize::new(0),
            count: Count::default(),
            undecided: Undecided::default(),
            applying: Mutex::default(),
            loose: Mutex::default(),
            forgotten: Mutex::default(),
        }))
    }

    /// Sends a message that was kept elsewhere or need not be kept, such as the answer of a twin.
    pub async fn tell(&self, message: Message) {
        self.0.tell(message).await;
    }

    /// Whether anybody subscribed to `topic`.
    #[must_use]
    pub fn is_heard(&self, topic: &str) -> bool {
        self.0.is_heard(topic)
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

    /// Who is connected, by the principals of their passes.
    #[must_use]
    pub fn principals(&self) -> HashSet<Arc<str>> {
        let sessions = self.0.sessions();
        sessions
            .values()
            .filter_map(|session| session.lock().connected_owner().cloned())
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
            self.0.note_end(&session);
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
    pub(crate) fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All sessions.
    pub(crate) fn all(&self) -> Vec<Arc<Session>> {
        self.sessions().values().cloned().collect()
    }

    pub(crate) fn find(&self, client: &str) -> Option<Arc<Session>> {
        self.sessions().get(client).cloned()
    }

    pub(crate) fn find_or_make(&self, client: &str) -> Arc<Session> {
        let mut sessions = self.sessions();
        if let Some(session) = sessions.get(client) {
            return Arc::clone(session);
        }
        let client: Arc<str> = client.into();
        let session = Arc::new(Session::new(Arc::clone(&client)));
        sessions.insert(client, Arc::clone(&session));
        session
    }

    pub(crate) fn retained(&self) -> MutexGuard<'_, Retained> {
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
        let was_stored = state.stored;
        state.note_opening(present);
        if was_stored && !state.stored {
            self.forgotten().insert(Arc::clone(&session.client));
        }
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
            let (_, filter) = parts(&written);
            if !pass.may_subscribe(filter) {
                self.take_subscription(session, &written);
                session.lock().note(Note::Unsubscribed {
                    filter: written.into(),
                });
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
            self.note_end(session);
        }
    }

    /// Forgets a session, whatever it is.
    pub(crate) fn remove(&self, session: &Arc<Session>) {
        self.sessions().remove(&session.client);
        self.unsubscribe_all(session);
        self.forgotten().insert(Arc::clone(&session.client));
    }

    /// Writes down that a session is not there any more, where somebody knows it.
    fn note_end(&self, session: &Session) {
        if std::mem::take(&mut session.lock().stored) {
            self.forgotten().insert(Arc::clone(&session.client));
            self.note_later(&session.client, Note::Forgotten);
        }
    }

    /// Writes down what nobody waits for.
    pub(crate) fn note_later(&self, client: &str, note: Note) {
        let entry = Entry {
            client: client.to_owned(),
            note,
        };
        self.loose
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(entry);
    }

    pub(crate) fn take_loose(&self) -> Vec<Entry> {
        std::mem::take(&mut *self.loose.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn forgotten(&self) -> MutexGuard<'_, HashSet<Arc<str>>> {
        self.forgotten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Clients whose sessions went, and that have none again.
    pub(crate) fn take_forgotten(&self) -> Vec<String> {
        let forgotten = std::mem::take(&mut *self.forgotten());
        let stored = |client: &Arc<str>| {
            self.find(client)
                .is_some_and(|session| session.lock().stored)
        };
        forgotten
            .into_iter()
            .filter(|client| !stored(client))
            .map(|client| client.to_string())
            .collect()
    }

    /// All that lies before this place in the log has been routed.
    pub(crate) fn applied(&self) -> u64 {
        let next = self.ports.journal.next();
        let applying = self.applying();
        let first = applying.first_key_value().map(|(place, _)| *place);
        first.map_or(next, |first| first.min(next))
    }

    pub(crate) fn applying(&self) -> MutexGuard<'_, BTreeMap<u64, usize>> {
        self.applying.lock().unwrap_or_else(PoisonError::into_inner)
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
        // Held until the tree knows it, so that whoever takes the session over finds both.
        let mut state = session.of(link)?;
        let new = state
            .subscriptions
            .insert(written.into(), options)
            .is_none();
        state.note(Note::Subscribed(SubscriptionImage::of(written, &options)));
        self.put_into_tree(session, written, options);
        drop(state);
        let (group, filter) = parts(written);
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
            state.note(Note::Unsubscribed {
                filter: written.to_owned(),
            });
            self.remove_from_tree(session, written);
        }
        Ok(known)
    }

    /// Subscribes a session that has no connection.
    pub(crate) fn put_subscription(&self, session: &Arc<Session>, written: &str, options: Options) {
        let mut state = session.lock();
        state.subscriptions.insert(written.into(), options);
        self.put_into_tree(session, written, options);
    }

    /// Ends a subscription without a word.
    pub(crate) fn take_subscription(&self, session: &Arc<Session>, written: &str) {
        let mut state = session.lock();
        if state.subscriptions.remove(written).is_some() {
            self.remove_from_tree(session, written);
        }
    }

    pub(crate) fn unsubscribe_all(&self, session: &Arc<Session>) {
        let all = std::mem::take(&mut session.lock().subscriptions);
        for written in all.keys() {
            self.remove_from_tree(session, written);
        }
    }

    fn put_into_tree(&self, session: &Arc<Session>, written: &str, options: Options) {
        let (group, filter) = parts(written);
        let subscriber = Subscriber {
            session: Arc::clone(session),
            options,
            group: group.map(Box::from),
        };
        let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
        tree.insert(filter, subscriber, |there| {
            Arc::ptr_eq(&there.session, session) && there.group.as_deref() == group
        });
    }

    fn remove_from_tree(&self, session: &Arc<Session>, written: &str) {
        let (group, filter) = parts(written);
        self.tree
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(filter, |there| {
                Arc::ptr_eq(&there.session, session) && there.group.as_deref() == group
            });
    }
}

/// The group that shares a subscription, if one does, and its filter.
fn parts(written: &str) -> (Option<&str>, &str) {
    match shared(written) {
        Ok(Some((group, filter))) => (Some(group), filter),
        _ => (None, written),
    }
}
