//! One of the two connections of a bridge, or the time until it is tried again.

use std::time::Duration;

use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::wire::{Hello, Link, Requests, Signal};

/// A connection that stood so long was a good one, even if nothing was acknowledged on it.
const GOOD: Duration = Duration::from_secs(30);

/// A connection, as far as it has come.
#[derive(Debug)]
pub(super) struct Connection {
    link: Option<Link>,
    /// What the broker said when it let us in, and how it is asked for something.
    stands: Option<(Hello, Requests)>,
    /// Filters whose subscription is not answered yet.
    pub(super) unanswered: usize,
    /// Since when it is ready for messages: all that was to be subscribed to is granted.
    ready: Option<Instant>,
    /// Whether all filters were granted once, so that a session that is still there has them.
    pub(super) subscribed: bool,
    /// Whether a message was acknowledged since it stands.
    answered: bool,
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
            ready: None,
            subscribed: false,
            answered: false,
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
        let ended = || Signal::Lost("the client of MQTT ended unexpectedly".into());
        link.signals.recv().await.unwrap_or_else(ended)
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
        self.subscribed = true;
    }

    pub(super) const fn is_ready(&self) -> bool {
        self.ready.is_some()
    }

    /// How messages are sent on it, once it is ready.
    pub(super) fn ready(&self) -> Option<(Hello, Requests)> {
        self.ready.and(self.stands.clone())
    }

    /// A message was acknowledged.
    pub(super) const fn acknowledged(&mut self) {
        self.answered = true;
        self.careful = false;
        self.backoff.reset();
    }

    pub(super) const fn has_acknowledged(&self) -> bool {
        self.answered
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
            Some(chance) => now + self.backoff.after_failure(chance),
            None => now,
        };
        self.link = None;
        self.stands = None;
        self.ready = None;
        self.unanswered = 0;
        self.answered = false;
    }

    /// Ends it in good order.
    pub(super) async fn close(&mut self) {
        if let Some(link) = self.link.take() {
            link.close(self.requests()).await;
        }
    }
}
