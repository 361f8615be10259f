//! The way of a message: taken, kept, and given to all who subscribed to it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use crate::Message;
use crate::broker::{Core, Subscriber};
use crate::kept::give_again;
use crate::port::Received;
use crate::session::{Delivery, Enqueued, Session};

/// Topics that the platform answers itself.
const RESERVED: &str = "$aws/";

/// Members of groups that share subscriptions, by the groups' names.
type Groups = Vec<(Box<str>, Vec<Subscriber>)>;

impl Core {
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
        let heard = |topic: &str| self.is_heard(topic);
        for (place, received) in run.iter().enumerate() {
            let Ok(replies) = self.ports.reserved.handle(received, &heard).await else {
                return place;
            };
            for reply in replies {
                let message = Message::own(reply.topic, reply.payload);
                if reply.private {
                    self.tell_sender(message, received);
                } else {
                    self.tell(message).await;
                }
            }
        }
        run.len()
    }

    async fn keep(&self, run: &[Received]) -> usize {
        let applying = Applying::begin(self);
        let Ok(first) = self.ports.journal.keep(run).await else {
            return 0;
        };
        for (place, received) in (first..).zip(run) {
            received.message.lies_at(place);
            self.route(&received.message);
        }
        drop(applying);
        run.len()
    }

    /// Sends a message of the platform. It is kept where somebody wants it who is not there, so that it waits whatever happens.
    pub(crate) async fn tell(&self, message: Message) {
        let message = Arc::new(message);
        if !self.somebody_waits(&message) {
            self.route(&message);
            return;
        }
        let received = [Received {
            message: Arc::clone(&message),
            pass: Arc::clone(&self.ports.own),
            id: None,
        }];
        if self.keep(&received).await == 0 {
            // Those who are there get it all the same.
            self.route(&message);
        }
    }

    /// Gives a message to the client that sent `received` and to nobody else, where it subscribed to its topic.
    fn tell_sender(&self, message: Message, received: &Received) {
        let sender = received.message.sender.as_deref();
        for (session, delivery) in self.takers(&Arc::new(message)).0 {
            if Some(&*session.client) == sender {
                self.give(&session, delivery);
            }
        }
    }

    /// Whether anybody subscribed to `topic`.
    pub(crate) fn is_heard(&self, topic: &str) -> bool {
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        let mut heard = false;
        tree.visit(topic, |_| heard = true);
        heard
    }

    /// Whether a client subscribed to the topic of `message` that is away and comes back.
    fn somebody_waits(&self, message: &Message) -> bool {
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        let mut waits = false;
        tree.visit(&message.topic, |subscriber| {
            waits = waits || subscriber.session.lock().is_away();
        });
        waits
    }

    /// Gives `message` to all who subscribed to it, and keeps it where it is to be retained.
    pub(crate) fn route(&self, message: &Arc<Message>) {
        self.retain(message);
        let (direct, groups) = self.takers(message);
        for (session, delivery) in direct {
            self.give(&session, delivery);
        }
        for (_, members) in groups {
            self.give_one(message, &members);
        }
    }

    /// The same for a message that is played again. Who of a group got it comes later.
    pub(crate) fn route_again(&self, message: &Arc<Message>, place: u64) {
        self.retain(message);
        let (direct, groups) = self.takers(message);
        for (session, delivery) in direct {
            give_again(&session, delivery, place);
        }
        if !groups.is_empty() {
            self.undecided.put(place, message);
        }
    }

    /// Gives a message of which nobody of its groups has said that it is done with it to one of each.
    pub(crate) fn decide(&self, message: &Arc<Message>, place: u64) {
        for (_, members) in self.takers(message).1 {
            let has = |member: &Subscriber| member.session.lock().has(place);
            if !members.iter().any(has) {
                self.give_one(message, &members);
            }
        }
    }

    fn retain(&self, message: &Arc<Message>) {
        if message.retain && !self.retained().put(message, self.limits.retained) {
            self.dropped(message.sender.as_deref().unwrap_or_default(), "retained");
        }
    }

    /// Who gets `message`: sessions for themselves, and groups of which one does.
    fn takers(&self, message: &Arc<Message>) -> (Vec<(Arc<Session>, Delivery)>, Groups) {
        let mut direct: Vec<(Arc<Session>, Delivery)> = Vec::new();
        let mut groups = Groups::new();
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
        drop(tree);
        (united(direct), groups)
    }

    /// Counts a message that was lost to a limit of `client`.
    pub(crate) fn dropped(&self, client: &str, limit: &'static str) {
        self.count.dropped.fetch_add(1, Ordering::Relaxed);
        self.ports.watch.dropped(client, limit);
    }

    pub(crate) fn give(&self, session: &Session, delivery: Delivery) -> bool {
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
            let delivery = Delivery {
                shared: true,
                ..Delivery::new(message, &member.options, false)
            };
            self.give(&member.session, delivery)
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

/// Messages that are kept and not routed yet; while it is there, no checkpoint passes them over.
struct Applying<'a> {
    core: &'a Core,
    from: u64,
}

impl<'a> Applying<'a> {
    fn begin(core: &'a Core) -> Self {
        let from = core.ports.journal.next();
        *core.applying().entry(from).or_default() += 1;
        Self { core, from }
    }
}

impl Drop for Applying<'_> {
    fn drop(&mut self) {
        let mut applying = self.core.applying();
        if let Some(count) = applying.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                applying.remove(&self.from);
            }
        }
    }
}

/// Topics below it that are only kept: what becomes of these messages is up to rules.
const KEPT: &str = "$aws/rules/";

fn is_reserved(received: &Received) -> bool {
    let topic = &received.message.topic;
    topic.starts_with(RESERVED) && !topic.starts_with(KEPT)
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
