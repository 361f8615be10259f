//! Launchers that were started ahead. A launcher needs some milliseconds before it can read a request, and what it does then does not depend on the
//! request but for its [`Shape`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::process::Command;

use crate::launcher::{ARGUMENT, OUTER};
use crate::shape::Shape;
use crate::{SandboxError, Started};

/// How long one waits before it ends.
const WAITING: Duration = Duration::from_secs(8);

/// Those that wait for a request. They belong to the runtime in which they were started.
#[derive(Debug)]
pub(crate) struct Warm {
    launcher: PathBuf,
    most: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Each with its number, the oldest first.
    all: Vec<(u64, Shape, Started)>,
    last: u64,
}

impl Warm {
    /// Launchers by the program `launcher`, of which at most `most` wait.
    pub(crate) fn new(launcher: PathBuf, most: usize) -> Arc<Self> {
        Arc::new(Self {
            launcher,
            most,
            waiting: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that waits. One that ended meanwhile is none.
    pub(crate) fn take(&self, shape: &Shape) -> Option<Started> {
        let mut waiting = self.lock();
        loop {
            let place = waiting.all.iter().position(|(_, own, _)| own == shape)?;
            let (_, _, mut started) = waiting.all.remove(place);
            if matches!(started.child.try_wait(), Ok(None)) {
                return Some(started);
            }
        }
    }

    /// Starts one.
    pub(crate) fn start(&self, shape: &Shape) -> Result<Started, SandboxError> {
        let failed = SandboxError::of("starting the launcher");
        let mut command = Command::new(&self.launcher);
        command
            .args([ARGUMENT, OUTER, &shape.argument()])
            .env_clear()
            .stdin(std::process::Stdio::piped());
        let mut started = crate::sandbox::spawn(command).map_err(|error| failed(&error))?;
        started.tether = started.child.stdin.take();
        Ok(started)
    }

    /// Starts one for the next request, beside what goes on. It ends where none comes.
    pub(crate) fn prepare(self: &Arc<Self>, shape: Shape) {
        if self.most == 0 {
            return;
        }
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            let Some(number) = Self::add(&weak, shape) else {
                return;
            };
            tokio::time::sleep(WAITING).await;
            if let Some(warm) = weak.upgrade() {
                warm.lock().all.retain(|(own, ..)| *own != number);
            }
        });
    }

    fn add(warm: &Weak<Self>, shape: Shape) -> Option<u64> {
        let warm = warm.upgrade()?;
        if !warm.make_room(&shape) {
            return None;
        }
        // Where it cannot be started, whoever wants one is told when it is wanted.
        let started = warm.start(&shape).ok()?;
        let mut waiting = warm.lock();
        waiting.last += 1;
        let number = waiting.last;
        waiting.all.push((number, shape, started));
        Some(number)
    }

    /// Whether another one may wait. One of another shape goes for it: what was asked for last is asked for next.
    fn make_room(&self, shape: &Shape) -> bool {
        let mut waiting = self.lock();
        if waiting.all.len() < self.most {
            return true;
        }
        let other = waiting.all.iter().position(|(_, own, _)| own != shape);
        other.is_some_and(|place| {
            waiting.all.remove(place);
            true
        })
    }
}
