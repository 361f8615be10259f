//! The way into the log for events that come too often to be written one by one: requests and decisions.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use trunkline_ingest::Ingest;

/// How long an event may wait for others.
const EVERY: Duration = Duration::from_millis(200);
/// Bytes that are written at once, whether the time is over or not.
const FULL: usize = 256 << 10;
/// Bytes that wait at the most. A log that takes nothing must not take the memory too.
const MOST: usize = 16 << 20;

/// Events of one type that wait to be written together.
#[derive(Debug)]
pub struct Lines {
    room: &'static str,
    event_type: &'static str,
    waiting: Mutex<Waiting>,
    full: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    body: Vec<u8>,
    ends: Vec<u32>,
    lost: u64,
}

impl Lines {
    /// For events of `event_type` that `room` writes.
    pub fn new(room: &'static str, event_type: &'static str) -> Arc<Self> {
        Arc::new(Self {
            room,
            event_type,
            waiting: Mutex::default(),
            full: Notify::new(),
        })
    }

    /// Takes the data of one event, a JSON object without line ends.
    pub fn push(&self, data: &[u8]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(data);
        self.tell(&waiting);
    }

    /// Takes the data of many events, one a line.
    pub fn push_lines(&self, lines: &[u8]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            waiting.push(line);
        }
        self.tell(&waiting);
    }

    fn tell(&self, waiting: &Waiting) {
        if waiting.body.len() >= FULL {
            self.full.notify_one();
        }
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes what waits, again and again; after `stop`, for the last time.
    pub async fn deliver(self: Arc<Self>, ingest: Ingest, stop: CancellationToken) {
        loop {
            let stopped = tokio::select! {
                () = tokio::time::sleep(EVERY) => false,
                () = self.full.notified() => false,
                () = stop.cancelled() => true,
            };
            self.write(&ingest).await;
            if stopped {
                return;
            }
        }
    }

    async fn write(&self, ingest: &Ingest) {
        let Waiting { body, ends, lost } = self.take();
        if lost > 0 {
            tracing::warn!(
                lost,
                kind = self.event_type,
                "events were lost: the log took none for too long"
            );
        }
        if ends.is_empty() {
            return;
        }
        let written = ingest.append_data(self.room, self.event_type, Bytes::from(body), ends);
        if let Err(error) = written.await {
            tracing::warn!(%error, kind = self.event_type, "events could not be written");
        }
    }
}

impl Waiting {
    fn push(&mut self, data: &[u8]) {
        let end = self.body.len() + data.len();
        match u32::try_from(end) {
            Ok(place) if end <= MOST => {
                self.body.extend_from_slice(data);
                self.ends.push(place);
            }
            _ => self.lost += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_messages_and_what_is_too_much_is_counted() {
        let lines = Lines::new("gateway", "t");
        lines.push_lines(b"{\"a\":1}\n\n{\"b\":2}\n");
        lines.push(b"{}");
        let waiting = lines.take();
        assert_eq!(
            (waiting.body.as_slice(), waiting.ends.as_slice()),
            (&b"{\"a\":1}{\"b\":2}{}"[..], &[7, 14, 16][..])
        );
        lines.push(&vec![b' '; MOST]);
        lines.push(b"{}");
        assert_eq!(lines.take().lost, 1);
        assert!(lines.take().ends.is_empty());
    }
}
