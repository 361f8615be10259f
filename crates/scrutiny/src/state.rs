//! What the stream and the requests of one HTTP/1 connection tell each other.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;

use super::Refusal;

/// How an upgrade that was asked for ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The bytes that follow are not HTTP.
    Upgraded,
    /// The bytes that follow are the next request.
    Declined,
}

/// Shared between the bytes of a connection and the service that answers its requests.
#[derive(Debug, Default)]
pub struct ConnectionState {
    refusal: Mutex<Option<Refusal>>,
    fate: AtomicU8,
    waker: AtomicWaker,
    in_flight: AtomicU32,
    slow: AtomicU8,
}

impl ConnectionState {
    /// Keeps why the next request is refused.
    pub fn refuse(&self, why: Refusal) {
        *lock(&self.refusal) = Some(why);
    }

    /// Why a request was refused, once.
    pub fn refusal(&self) -> Option<Refusal> {
        *lock(&self.refusal)
    }

    /// Tells the stream how the upgrade ended.
    pub fn decide(&self, fate: Fate) {
        self.fate.store(
            if fate == Fate::Upgraded { 1 } else { 2 },
            Ordering::Release,
        );
        self.waker.wake();
    }

    /// How the upgrade ended; forgets it.
    pub fn poll_fate(&self, context: &Context<'_>) -> Poll<Fate> {
        self.waker.register(context.waker());
        match self.fate.swap(0, Ordering::AcqRel) {
            1 => Poll::Ready(Fate::Upgraded),
            2 => Poll::Ready(Fate::Declined),
            _ => Poll::Pending,
        }
    }

    /// A request began.
    pub fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// A request is answered to the end, or given up.
    pub fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether a request is being answered.
    pub fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) > 0
    }

    /// Keeps that a body came too slowly.
    pub fn set_slow(&self) {
        self.slow.store(1, Ordering::Relaxed);
    }

    /// Whether a body came too slowly.
    pub fn is_slow(&self) -> bool {
        self.slow.load(Ordering::Relaxed) == 1
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
