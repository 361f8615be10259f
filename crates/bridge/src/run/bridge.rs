//! One bridge, as long as its file stays as it is.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::connection::Connection;
use super::flow::{Flow, Next};
use super::target;
use crate::bridges::Ports;
use crate::mark::Marks;
use crate::wire::{Hello, Link, Loss, Requests, Signal, Verdict};
use crate::{BridgeStatus, Direction, Quality, Reason, Settings, Side};

/// Filters of former files that a broker may still have in a session.
#[derive(Debug, Default)]
pub(super) struct Stale {
    pub(super) local: BTreeSet<String>,
    pub(super) remote: BTreeSet<String>,
}

impl Stale {
    const fn of(&mut self, side: Side) -> &mut BTreeSet<String> {
        match side {
            Side::Local => &mut self.local,
            Side::Remote => &mut self.remote,
        }
    }
}

/// Why a connection is not wanted any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// By our own wish; it is made again at once.
    Wish,
    /// It ended, or was ended, for a reason that has nothing to do with what was sent.
    Failure,
    /// It ended, and what was sent may be to blame.
    Blame,
}

/// A bridge at work.
#[derive(Debug)]
pub(super) struct Bridge {
    settings: Arc<Settings>,
    marks: Marks,
    ports: Ports,
    status: Arc<Mutex<BridgeStatus>>,
    local: Connection,
    remote: Connection,
    out: Flow,
    inward: Flow,
    stale: Stale,
}

impl Bridge {
    pub(super) fn new(
        settings: &Arc<Settings>,
        ports: &Ports,
        status: &Arc<Mutex<BridgeStatus>>,
        stale: Stale,
    ) -> Self {
        let now = Instant::now();
        Self {
            marks: Marks {
                bridge: settings.name.clone(),
                remote: settings.server.address(),
                sender: settings.client_id.clone(),
            },
            local: Connection::new(now),
            remote: Connection::new(now),
            out: Flow::new(Direction::Out, &settings.limits, now),
            inward: Flow::new(Direction::In, &settings.limits, now),
            settings: Arc::clone(settings),
            ports: ports.clone(),
            status: Arc::clone(status),
            stale,
        }
    }

    /// Carries messages until `end`. What is left are filters that no broker has been asked to forget.
    pub(super) async fn run(mut self, end: impl Future<Output = ()>) -> Stale {
        let mut end = std::pin::pin!(end);
        loop {
            let now = Instant::now();
            let wake = self.work(now);
            let sleep = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = &mut end => break,
                signal = self.local.signal() => self.hear(Side::Local, signal),
                signal = self.remote.signal() => self.hear(Side::Remote, signal),
                () = sleep => {}
            }
        }
        for side in [Side::Local, Side::Remote] {
            if self.connection(side).is_ready() {
                self.tell_disconnected(side, "the bridge ends");
            }
        }
        tokio::join!(self.local.close(), self.remote.close());
        for flow in [&mut self.out, &mut self.inward] {
            for dropped in flow.tell_rest() {
                self.ports.watch.dropped(&self.settings.name, &dropped);
            }
        }
        self.stale
    }

    const fn connection(&mut self, side: Side) -> &mut Connection {
        match side {
            Side::Local => &mut self.local,
            Side::Remote => &mut self.remote,
        }
    }

    const fn flow(&mut self, direction: Direction) -> &mut Flow {
        match direction {
            Direction::Out => &mut self.out,
            Direction::In => &mut self.inward,
        }
    }

    fn update(&self, change: impl FnOnce(&mut BridgeStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Does all that can be done now; when there will be more, if nothing happens before.
    fn work(&mut self, now: Instant) -> Option<Instant> {
        let mut wake: Vec<Instant> = Vec::new();
        for direction in [Direction::Out, Direction::In] {
            wake.extend(self.send(direction, now));
            self.acknowledge(direction, now);
            if self.flow(direction).window.wants_origin_anew() {
                self.lose(
                    direction.origin(),
                    "more came than there was room for",
                    now,
                    End::Wish,
                );
            }
            match self.flow(direction).tell(now) {
                Ok(all) => {
                    for dropped in all {
                        self.ports.watch.dropped(&self.settings.name, &dropped);
                    }
                }
                Err(later) => wake.extend(later),
            }
        }
        for side in [Side::Local, Side::Remote] {
            match self.connection(side).due() {
                Some(at) if at <= now => self.connect(side),
                Some(at) => wake.push(at),
                None => {}
            }
        }
        let flows = [&self.out, &self.inward].map(|flow| {
            let mut status = flow.status;
            status.waiting = flow.window.len();
            status
        });
        self.update(|status| [status.out, status.inward] = flows);
        wake.into_iter().min()
    }

    fn connect(&mut self, side: Side) {
        let settings = Arc::clone(&self.settings);
        let link = match side {
            Side::Local => Link::open(target::local(settings, Arc::clone(&self.ports.home), true)),
            Side::Remote => Link::open(target::remote(settings, self.ports.folder.clone(), true)),
        };
        self.connection(side).open(link);
    }

    /// Sends what may be sent; when more of it may be.
    fn send(&mut self, direction: Direction, now: Instant) -> Option<Instant> {
        let in_flight = self.settings.limits.in_flight;
        let connection = self.connection(direction.destination());
        let (hello, requests) = connection.ready()?;
        let in_flight = if connection.is_careful() {
            1
        } else {
            in_flight
        };
        loop {
            let flow = self.flow(direction);
            let message = match flow.next(in_flight, &hello, now) {
                Next::Send(message) => message,
                Next::Wait(until) => return Some(until),
                Next::Nothing => return None,
            };
            let bytes = message.payload.len();
            if !requests.publish(message, message.retain && hello.retains) {
                self.lose(
                    direction.destination(),
                    "it takes no more requests",
                    now,
                    End::Failure,
                );
                return None;
            }
            flow.given(bytes);
        }
    }

    /// Acknowledges where messages came from what has arrived where they go.
    fn acknowledge(&mut self, direction: Direction, now: Instant) {
        let packets = self.flow(direction).window.settle();
        let origin = direction.origin();
        let Some(requests) = self.connection(origin).requests() else {
            return;
        };
        if !packets.iter().all(|packet| requests.acknowledge(*packet)) {
            self.lose(origin, "it takes no more requests", now, End::Failure);
        }
    }

    fn hear(&mut self, side: Side, signal: Signal) {
        let now = Instant::now();
        let from_here = side.origin_of();
        let to_here = side.destination_of();
        match signal {
            Signal::Connected(hello, requests) => self.stand(side, hello, requests, now),
            Signal::Subscribed(answers) => self.subscribed(side, &answers, now),
            Signal::Unsubscribed(answer) => self.unsubscribed(side, answer),
            Signal::Message(packet, message) => {
                let (settings, marks) = (Arc::clone(&self.settings), self.marks.clone());
                self.flow(from_here)
                    .arrive((&settings, &marks), packet, message);
            }
            Signal::Sent(number) => {
                let flow = self.flow(to_here);
                flow.status.forwarded += u64::from(flow.window.sent(number));
            }
            Signal::Acknowledged(number, verdict) => self.answered(side, number, verdict, now),
            Signal::Lost(Loss { why, blames_us }) => {
                let end = if blames_us { End::Blame } else { End::Failure };
                self.lose(side, &why, now, end);
            }
        }
    }

    fn answered(&mut self, side: Side, number: u16, verdict: Verdict, now: Instant) {
        if let Verdict::NotNow(why) = verdict {
            let why = format!("a message is not taken now: {why}");
            self.lose(side, &why, now, End::Failure);
            return;
        }
        let flow = self.flow(side.destination_of());
        let Some(message) = flow.window.acknowledged(number) else {
            return;
        };
        let refused = matches!(verdict, Verdict::Refused(_));
        self.connection(side).acknowledged(refused);
        let flow = self.flow(side.destination_of());
        let Verdict::Refused(why) = verdict else {
            flow.status.forwarded += 1;
            return;
        };
        flow.drop_message(Reason::Refused, &message.topic, message.payload.len());
        let why = format!("the message on `{}` was refused: {why}", message.topic);
        self.update(|status| status.side(side).last_error = Some(why));
    }

    /// The broker let us in: what it does not have of our subscriptions is asked for.
    fn stand(&mut self, side: Side, hello: Hello, requests: Requests, now: Instant) {
        let has_filters = self.connection(side).let_in(&hello);
        let maps = self.settings.maps(side.destination_of());
        if !hello.sure && maps.iter().any(|map| map.quality == Quality::AtLeastOnce) {
            let why = "it takes no messages of quality 1";
            self.lose(side, why, now, End::Failure);
            return;
        }
        let flow = self.flow(side.origin_of());
        flow.window.origin_back(hello.session_present);
        if !hello.session_present {
            self.stale.of(side).clear();
        }
        let maps = self.settings.maps(side.origin_of());
        let wanted: Vec<_> = maps
            .iter()
            .filter(|_| !has_filters)
            .map(|map| (map.filter(side).to_owned(), map.quality))
            .collect();
        if !requests.subscribe(&wanted) {
            self.lose(side, "it takes no more requests", now, End::Failure);
            return;
        }
        let connection = self.connection(side);
        connection.stand(hello, requests);
        connection.unanswered = wanted.len();
        if wanted.is_empty() {
            self.ready(side, now);
        }
    }

    /// The broker answered some of our subscriptions, in the order in which they were asked for.
    fn subscribed(&mut self, side: Side, answers: &[Result<Quality, String>], now: Instant) {
        let maps = self.settings.maps(side.origin_of()).to_vec();
        let connection = self.connection(side);
        let asked = maps
            .iter()
            .skip(maps.len() - connection.unanswered.min(maps.len()));
        for (map, answer) in asked.zip(answers) {
            let why = match answer {
                Ok(granted) if *granted >= map.quality => continue,
                Ok(_) => "it is granted with quality 0 only",
                Err(why) => why,
            };
            let why = format!("no subscription to `{}`: {why}", map.filter(side));
            self.lose(side, &why, now, End::Failure);
            return;
        }
        let connection = self.connection(side);
        connection.unanswered = connection.unanswered.saturating_sub(answers.len());
        if connection.unanswered == 0 && !connection.is_ready() {
            self.ready(side, now);
        }
    }

    fn ready(&mut self, side: Side, now: Instant) {
        self.connection(side).make_ready(now);
        let since = self.ports.clock.now();
        self.update(|status| {
            let status = status.side(side);
            status.connected = true;
            status.since = Some(since);
            status.connections += 1;
        });
        let (name, address) = (&self.settings.name, self.address(side));
        tracing::info!(bridge = %name, side = side.word(), %address, "a bridge is connected");
        self.ports.watch.connected(name, side, &address);
        self.end_former(side, now);
    }

    /// Ends the subscriptions of former files. Only now, when those of the present one are granted: what both take is not missed then.
    fn end_former(&mut self, side: Side, now: Instant) {
        let stale = self.stale.of(side).clone();
        let connection = self.connection(side);
        connection.ending = stale.len();
        if stale.is_empty() {
            self.update(|status| status.side(side).subscribed = true);
            return;
        }
        if !connection
            .requests()
            .is_some_and(|requests| requests.unsubscribe(&stale))
        {
            self.lose(side, "it takes no more requests", now, End::Failure);
        }
    }

    /// The broker answered the end of one subscription. They are asked for again on the next connection if this one ends before the last
    /// answer. One that it does not let go of stays, and its messages are unwanted.
    fn unsubscribed(&mut self, side: Side, answer: Result<(), String>) {
        if let Err(why) = answer {
            let why = format!("a subscription of a former file does not end: {why}");
            self.update(|status| status.side(side).last_error = Some(why));
        }
        let connection = self.connection(side);
        if connection.ending == 0 {
            return;
        }
        connection.ending -= 1;
        if connection.ending == 0 {
            self.stale.of(side).clear();
            self.update(|status| status.side(side).subscribed = true);
        }
    }

    fn address(&self, side: Side) -> String {
        match side {
            Side::Local => "local".into(),
            Side::Remote => self.settings.server.to_string(),
        }
    }

    /// A connection is lost, or is given up for a reason.
    fn lose(&mut self, side: Side, why: &str, now: Instant, end: End) {
        let mut chance = [0; 8];
        self.ports.ids.fill_secret(&mut chance);
        let chance = (end != End::Wish).then_some(u64::from_le_bytes(chance));
        let connection = self.connection(side);
        let (was_ready, acknowledged) = (connection.is_ready(), connection.has_acknowledged());
        let blame = end == End::Blame && !connection.has_refused();
        let mut why = why.to_owned();
        let to_here = self.flow(side.destination_of());
        if let Some((topic, given_up)) = to_here.destination_lost(blame)
            && (!acknowledged || blame)
        {
            // A broker that ends the connection instead of refusing a message would do so again and again.
            why = format!("{why}, with the message on `{topic}` under way");
            if given_up {
                why.push_str(", which is given up");
            }
            self.connection(side).be_careful();
        }
        self.flow(side.origin_of()).window.origin_lost();
        self.connection(side).lose(now, chance);
        if was_ready {
            self.tell_disconnected(side, &why);
        } else {
            self.tell_failed(side, &why);
        }
    }

    fn tell_disconnected(&self, side: Side, why: &str) {
        let since = self.ports.clock.now();
        self.update(|status| {
            let status = status.side(side);
            status.connected = false;
            status.subscribed = false;
            status.since = Some(since);
            status.last_error = Some(why.to_owned());
        });
        let (name, address) = (&self.settings.name, self.address(side));
        tracing::warn!(bridge = %name, side = side.word(), %address, why, "a bridge is disconnected");
        self.ports.watch.disconnected(name, side, &address, why);
    }

    /// Says why there is no connection, once for the same reason.
    fn tell_failed(&self, side: Side, why: &str) {
        let mut news = false;
        let now = self.ports.clock.now();
        self.update(|status| {
            let status = status.side(side);
            status.since.get_or_insert(now);
            news = status.last_error.as_deref() != Some(why);
            status.last_error = Some(why.to_owned());
        });
        if news {
            let (name, address) = (&self.settings.name, self.address(side));
            tracing::warn!(bridge = %name, side = side.word(), %address, why, "a bridge cannot connect");
        }
    }
}
