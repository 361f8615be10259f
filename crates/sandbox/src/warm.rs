//! Launchers that were started ahead. A launcher needs some milliseconds before it can read a request, and what it does then does not depend on the
//! request but for its [`Shape`].

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::process::Command;

use crate::launcher::{ARGUMENT, OUTER};
use crate::shape::Shape;
use crate::{SandboxError, Started};

/// How long one waits before it ends.
const WAITING: Duration = Duration::from_secs(8);
/// How many are started for each that is taken, until enough wait: to get one ready takes longer than a short task.
const AT_ONCE: usize = 2;

/// Those that wait for a request. They belong to the runtime in which they were started.
#[derive(Debug)]
pub(crate) struct Warm {
    launcher: PathBuf,
    most: usize,
    waiting: Mutex<Waiting>,
    /// The numbers of all that were started and whose groups may still be there.
    started: Mutex<Vec<u32>>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Each with its number, the oldest first.
    all: Vec<(u64, Shape, Started)>,
    /// How many are being started.
    coming: usize,
    last: u64,
}

impl Warm {
    /// Launchers by the program `launcher`, of which at most `most` wait.
    pub(crate) fn new(launcher: PathBuf, most: usize) -> Arc<Self> {
        Arc::new(Self {
            launcher,
            most,
            waiting: Mutex::default(),
            started: Mutex::default(),
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
        let mut all = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(started.child.id());
        Ok(started)
    }

    /// Starts some for the next requests, beside what goes on. They end where none come.
    pub(crate) fn prepare(self: &Arc<Self>, shape: &Shape) {
        for _ in 0..AT_ONCE.min(self.most) {
            self.prepare_one(shape.clone());
        }
        let warm = Arc::clone(self);
        tokio::task::spawn_blocking(move || warm.tidy());
    }

    fn prepare_one(self: &Arc<Self>, shape: Shape) {
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            // Whoever starts a process waits until the other program is loaded, and here nobody else does.
            let own = Weak::clone(&weak);
            let added = tokio::task::spawn_blocking(move || Self::add(&own, shape));
            let number = added.await.ok().flatten();
            let Some(number) = number else {
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
        let started = warm.start(&shape);
        let mut waiting = warm.lock();
        waiting.coming -= 1;
        // Where it cannot be started, whoever wants one is told when it is wanted.
        let started = started.ok()?;
        waiting.last += 1;
        let number = waiting.last;
        waiting.all.push((number, shape, started));
        Some(number)
    }

    /// Removes what the system keeps for those that have ended.
    #[cfg(target_os = "linux")]
    fn tidy(&self) {
        let mut all = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = |launcher: &mut u32| Path::new(&format!("/proc/{launcher}")).exists();
        let ended: Vec<u32> = all.extract_if(.., |launcher| !is_there(launcher)).collect();
        drop(all);
        let in_use = ended
            .into_iter()
            .filter(|launcher| !crate::cgroup::remove(*launcher));
        let in_use: Vec<u32> = in_use.collect();
        let mut all = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(in_use);
    }

    #[cfg(not(target_os = "linux"))]
    fn tidy(&self) {}

    /// Whether another one may wait, which then is coming. One of another shape goes for it: what was asked for last is asked for next.
    fn make_room(&self, shape: &Shape) -> bool {
        let mut waiting = self.lock();
        if waiting.all.len() + waiting.coming >= self.most {
            let Some(place) = waiting.all.iter().position(|(_, own, _)| own != shape) else {
                return false;
            };
            waiting.all.remove(place);
        }
        waiting.coming += 1;
        true
    }
}
