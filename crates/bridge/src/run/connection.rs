//! One of the two connections of a bridge, or the time until it is tried again.

use std::time::Duration;

use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::wire::{Hello, Link, Loss, Requests, Signal};

/// Only a connection that stood so long was a good one, after which the next is tried soon. One that ends earlier may do so again and
/// again, even if something was acknowledged on it: a broker may be about to fall over, or two clients take one id from each other.
const GOOD: Duration = Duration::from_secs(30);

/// A connection, as far as it has come.
#[derive(Debug)]
pub(super) struct Connection {
    link: Option<Link>,
    /// What the broker said when it let us in, and how it is asked for something.
    stands: Option<(Hello, Requests)>,
    /// Filters whose subscription is not answered yet.
    pub(super) unanswered: usize,
    /// Filters of former files the end of whose subscription is not answered yet.
    pub(super) ending: usize,
    /// Since when it is ready for messages: all that was to be subscribed to is granted.
    ready: Option<Instant>,
    /// Whether the session that the broker has, or had when it was last heard, has all filters.
    has_filters: bool,
    /// Whether a message was acknowledged since it stands.
    answered: bool,
    /// Whether a message was refused since it stands, after which some brokers end the connection.
    refused: bool,
    /// Whether only one message may be under way, since the last connection ended before any was acknowledged. If it was a message that
    /// ended it, it is then known which, and its refusal is not lost behind others.
    careful: bool,
    again: Instant,
    backoff: Backoff,
}

impl Connection {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            link: None,
            stands: None,
            unanswered: 0,
            ending: 0,
            ready: None,
            has_filters: false,
            answered: false,
            refused: false,
            careful: false,
            again: now,
            backoff: Backoff::default(),
        }
    }

    /// When it is to be tried; nothing while it stands or is being made.
    pub(super) const fn due(&self) -> Option<Instant> {
        match self.link {
            Some(_) => None,
            None => Some(self.again),
        }
    }

    pub(super) fn open(&mut self, link: Link) {
        self.link = Some(link);
    }

    /// What it says next. It may be dropped at any time without losing anything.
    pub(super) async fn signal(&mut self) -> Signal {
        let Some(link) = &mut self.link else {
            return std::future::pending().await;
        };
        let ended = || Signal::Lost(Loss::of("the client of MQTT ended unexpectedly"));
        link.signals.recv().await.unwrap_or_else(ended)
    }

    /// The broker let us in: whether its session has all filters. One that it lost has none, and one that it makes now has none before
    /// they are granted, even if this connection ends in between.
    pub(super) const fn let_in(&mut self, hello: &Hello) -> bool {
        self.has_filters = self.has_filters && hello.session_present;
        self.has_filters
    }

    pub(super) fn stand(&mut self, hello: Hello, requests: Requests) {
        self.stands = Some((hello, requests));
    }

    pub(super) const fn requests(&self) -> Option<&Requests> {
        match &self.stands {
            Some((_, requests)) => Some(requests),
            None => None,
        }
    }

    pub(super) const fn make_ready(&mut self, now: Instant) {
        self.ready = Some(now);
        self.has_filters = true;
    }

    pub(super) const fn is_ready(&self) -> bool {
        self.ready.is_some()
    }

    /// How messages are sent on it, once it is ready.
    pub(super) fn ready(&self) -> Option<(Hello, Requests)> {
        self.ready.and(self.stands.clone())
    }

    /// A message was acknowledged, or refused for good.
    pub(super) const fn acknowledged(&mut self, refused: bool) {
        self.answered = true;
        self.careful = false;
        self.refused |= refused;
    }

    pub(super) const fn has_acknowledged(&self) -> bool {
        self.answered
    }

    /// Whether a message was refused on it, by which its end is explained.
    pub(super) const fn has_refused(&self) -> bool {
        self.refused
    }

    pub(super) const fn be_careful(&mut self) {
        self.careful = true;
    }

    pub(super) const fn is_careful(&self) -> bool {
        self.careful
    }

    /// Lets go of what is left of it. It is tried again after a while, or at once where it ended by our own wish.
    pub(super) fn lose(&mut self, now: Instant, chance: Option<u64>) {
        if self
            .ready
            .is_some_and(|since| now.duration_since(since) >= GOOD)
        {
            self.backoff.reset();
        }
        self.again = match chance {
            // The message is gone, so this end comes only once, and says nothing of the next connection.
            Some(chance) if self.refused => now + self.backoff.wait(chance),
            Some(chance) => now + self.backoff.after_failure(chance),
            None => now,
        };
        self.link = None;
        self.stands = None;
        self.ready = None;
        self.unanswered = 0;
        self.ending = 0;
        self.answered = false;
        self.refused = false;
    }

    /// Ends it in good order.
    pub(super) async fn close(&mut self) {
        if let Some(link) = self.link.take() {
            link.close(self.requests()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds until the next connection after one that stood so long.
    fn wait(connection: &mut Connection, stood: Duration) -> u64 {
        let now = Instant::now();
        connection.make_ready(now);
        connection.acknowledged(false);
        connection.lose(now + stood, Some(u64::MAX));
        let due = connection.due().unwrap();
        due.duration_since(now + stood).as_secs()
    }

    #[test]
    fn only_a_connection_that_lasted_makes_the_next_wait_short() {
        let mut connection = Connection::new(Instant::now());
        let short = Duration::from_secs(1);
        let waits = [(); 8].map(|()| wait(&mut connection, short));
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(wait(&mut connection, GOOD), 1);
        assert_eq!(wait(&mut connection, short), 2);
    }

    #[test]
    fn a_refusal_makes_no_wait_longer_and_none_shorter() {
        let mut connection = Connection::new(Instant::now());
        let short = Duration::from_secs(1);
        let mut refused = || {
            connection.acknowledged(true);
            wait(&mut connection, short)
        };
        assert_eq!([refused(), refused(), refused()], [1, 1, 1]);
        assert_eq!([(); 2].map(|()| wait(&mut connection, short)), [1, 2]);
        connection.acknowledged(true);
        assert_eq!(wait(&mut connection, short), 4);
        connection.acknowledged(true);
        assert_eq!(wait(&mut connection, short), 4);
    }
}
