//! The threads on which connections live.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::beat;

/// Threads with a runtime of their own. A connection lives on one of them, so that all who are woken together, such as by one sync of the log,
/// work one after another without a word between threads, and what they have for one client goes out together.
#[derive(Debug)]
pub(crate) struct Lanes {
    lanes: Vec<Handle>,
    next: AtomicUsize,
    /// Ends the threads with the last one who has them.
    _end: DropGuard,
}

impl Lanes {
    /// As many as half of the processors: the other half decodes rows, answers people and works off twins.
    ///
    /// # Errors
    /// Where a thread cannot be started.
    pub(crate) fn start() -> io::Result<Arc<Self>> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let end = CancellationToken::new();
        let lane = |number| start(number, end.clone());
        Ok(Arc::new(Self {
            lanes: (0..processors.div_ceil(2))
                .map(lane)
                .collect::<Result<_, _>>()?,
            next: AtomicUsize::new(0),
            _end: end.drop_guard(),
        }))
    }

    /// The lane for another connection; they go round.
    pub(crate) fn next(&self) -> &Handle {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        &self.lanes[turn % self.lanes.len()]
    }
}

fn start(number: usize, end: CancellationToken) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .on_thread_park(beat::rest)
        .build()?;
    let handle = runtime.handle().clone();
    let thread = std::thread::Builder::new().name(format!("mqtt-{number}"));
    // It ends by itself: whoever waited for it might be a task that it serves.
    drop(thread.spawn(move || runtime.block_on(end.cancelled()))?);
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn connections_live_on_threads_that_end_with_the_last_who_has_them() {
        let lanes = Lanes::start().unwrap();
        let mut names = HashSet::new();
        for _ in 0..2 * lanes.lanes.len() {
            let name = lanes
                .next()
                .spawn(async { thread::current().name().map(str::to_owned) });
            names.insert(name.await.unwrap().unwrap());
        }
        assert_eq!(names.len(), lanes.lanes.len(), "each has its turn");
        let waits = lanes.next().spawn(std::future::pending::<()>());
        drop(lanes);
        assert!(waits.await.unwrap_err().is_cancelled());
    }
}
