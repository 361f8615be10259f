//! The lines of one worker that are not handed over yet.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::port::RequestSink;

/// Bytes after which lines are handed over at once.
const BATCH: usize = 256 * 1024;

/// Lines that wait to be handed over. Only the worker's own thread takes the lock, so that it is never waited for.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<Vec<u8>>);

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one line.
    pub(crate) fn write(&self, sink: &dyn RequestSink, line: impl FnOnce(&mut Vec<u8>)) {
        let mut buffer = self.lock();
        line(&mut buffer);
        if buffer.len() >= BATCH {
            hand_over(&mut buffer, sink);
        }
    }

    /// Hands over what there is.
    pub(crate) fn flush(&self, sink: &dyn RequestSink) {
        let mut buffer = self.lock();
        if !buffer.is_empty() {
            hand_over(&mut buffer, sink);
        }
    }
}

fn hand_over(buffer: &mut Vec<u8>, sink: &dyn RequestSink) {
    // The next batch will be about as long as this one.
    let next = Vec::with_capacity(buffer.len().min(BATCH + BATCH / 8));
    sink.take(super::REQUEST, Bytes::from(std::mem::replace(buffer, next)));
}
