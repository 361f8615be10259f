//! Connections that wait for their next request, apart for each worker so that none waits for another's lock.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::client::conn::{http1, http2};

use crate::proxy::UpBody;

/// The most idle connections of one worker to one target.
const MOST_IDLE: usize = 256;

/// A connection that takes requests.
pub(crate) enum Sender {
    /// One request at a time.
    Http1(http1::SendRequest<UpBody>),
    /// Many at once.
    Http2(http2::SendRequest<UpBody>),
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http1(_) => "Http1",
            Self::Http2(_) => "Http2",
        })
    }
}

/// The connections to one target.
#[derive(Debug)]
pub(crate) struct Pool(Vec<Mutex<Vec<Sender>>>);

impl Pool {
    pub(crate) fn new(workers: usize) -> Self {
        Self((0..workers.max(1)).map(|_| Mutex::default()).collect())
    }

    fn lock(&self, worker: usize) -> MutexGuard<'_, Vec<Sender>> {
        self.0[worker % self.0.len()]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that can take a request at once.
    pub(crate) fn take(&self, worker: usize) -> Option<Sender> {
        let mut idle = self.lock(worker);
        let mut at = idle.len();
        while at > 0 {
            at -= 1;
            match &idle[at] {
                Sender::Http1(sender) if sender.is_closed() => drop(idle.swap_remove(at)),
                // One whose last answer is read but which has not noticed yet is left for the next request.
                Sender::Http1(sender) if sender.is_ready() => return Some(idle.swap_remove(at)),
                Sender::Http1(_) => {}
                Sender::Http2(sender) if sender.is_closed() => drop(idle.swap_remove(at)),
                Sender::Http2(sender) => return Some(Sender::Http2(sender.clone())),
            }
        }
        None
    }

    /// Keeps a connection for the next request.
    pub(crate) fn put(&self, worker: usize, sender: Sender) {
        let mut idle = self.lock(worker);
        if idle.len() < MOST_IDLE {
            idle.push(sender);
        }
    }

    /// Forgets connections that are closed.
    pub(crate) fn sweep(&self) {
        for worker in 0..self.0.len() {
            self.lock(worker).retain(|sender| match sender {
                Sender::Http1(sender) => !sender.is_closed(),
                Sender::Http2(sender) => !sender.is_closed(),
            });
        }
    }
}
