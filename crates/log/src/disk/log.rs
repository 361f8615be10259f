//! The log itself: what callers see of the segments, the writer thread and the cursors.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot, watch};
use trunkline_model::Clock;

use super::cache::TailCache;
use super::codec;
use super::cursors::Cursors;
use super::files::{failed, lock};
use super::port::{Disk, SystemDisk};
use super::queue::{Job, Queue};
use super::reader::{self, Outcome, Place};
use super::recovery;
use super::report::Recovery;
use super::retention;
use super::space::Space;
use super::state::{Progress, Shared, State};
use super::stats::{Counters, LogStats, add};
use super::writer::Writer;
use crate::{Appended, Batch, Bounds, CursorState, EventLog, LogConfig, LogError, Offset, Record};

/// The event log in a directory of the local disk.
///
/// Dropping it is as good as closing it, but blocks until what was queued is durable.
#[derive(Debug)]
pub struct DiskLog {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl DiskLog {
    /// Opens the log in `directory`, which is made when it is not there, and tells what was verified and cut.
    ///
    /// Blocks while it reads: the last segment as a whole, and the newest de-duplication keys.
    ///
    /// # Errors
    /// [`LogError::Locked`] when another process has it open; [`LogError::Io`] when a file cannot be read or written. Damaged
    /// records are no error: they are in the [`Recovery`].
    pub fn open(
        directory: &Path,
        config: LogConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<(Arc<Self>, Recovery), LogError> {
        Self::open_on(directory, config, clock, Arc::new(SystemDisk))
    }

    /// Opens the log with another [`Disk`]; for tests of what a disk can do wrong.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_on(
        directory: &Path,
        config: LogConfig,
        clock: Arc<dyn Clock>,
        disk: Arc<dyn Disk>,
    ) -> Result<(Arc<Self>, Recovery), LogError> {
        std::fs::create_dir_all(directory)
            .map_err(failed(format!("make {}", directory.display())))?;
        let lock = lock(directory)?;
        let (cursors, cursors_set_aside) = Cursors::open(directory)?;
        let mut report = Recovery {
            cursors_set_aside,
            ..Recovery::default()
        };
        let opened = recovery::open_segments(directory, &*disk, cursors.furthest(), &mut report)?;
        let window = recovery::read_keys(directory, &opened.segments, config.dedupe_keys)?;
        report.dedupe_keys = window.len() as u64;

        let next = opened.segments.last().map_or(0, |last| last.index.next);
        let shared = Arc::new(Shared {
            directory: directory.to_owned(),
            clock,
            disk,
            queue: Queue::default(),
            room: Arc::new(Semaphore::new(permits(config.queue_bytes) as usize)),
            space: Space::new(config.reserve_bytes),
            cursors,
            state: RwLock::new(State {
                segments: opened.segments.into(),
                cache: TailCache::new(usize::try_from(config.cache_bytes).unwrap_or(usize::MAX)),
                next,
            }),
            progress: watch::Sender::new(Progress {
                next,
                closed: false,
            }),
            counters: Counters::default(),
            config,
        });
        let writer = Writer::new(Arc::clone(&shared), window, opened.file, lock);
        let thread = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(|| writer.run())
            .map_err(failed("start the writer thread"))?;
        let log = Arc::new(Self {
            shared,
            writer: Mutex::new(Some(thread)),
        });
        Ok((log, report))
    }

    /// What the log has done so far.
    #[must_use]
    pub fn stats(&self) -> LogStats {
        let shared = &self.shared;
        let free = shared.room.available_permits() as u64;
        let queued = u64::from(permits(shared.config.queue_bytes)).saturating_sub(free);
        let cached = shared.read_state().cache.bytes() as u64;
        shared.counters.snapshot(queued, cached)
    }

    /// Removes what retention need not keep; also done whenever a segment is begun. Tells how many segments went.
    ///
    /// # Errors
    /// [`LogError::Io`] when a file cannot be removed.
    pub async fn enforce_retention(&self) -> Result<u64, LogError> {
        self.blocking(|shared| {
            shared.refuse_when_closed()?;
            retention::enforce(shared).map_err(failed("remove an old segment"))
        })
        .await
    }

    async fn look(&self, from: u64, max_bytes: usize) -> Result<Outcome, LogError> {
        match reader::locate(&self.shared, from, max_bytes)? {
            Place::Memory(records) => Ok(Outcome::Records(records)),
            Place::Disk(plan) => {
                self.blocking(move |shared| reader::read(shared, &plan, from, max_bytes))
                    .await
            }
        }
    }

    /// Runs what reads or writes files where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || work(&shared))
            .await
            .unwrap_or(Err(LogError::Closed))
    }

    /// Room for `bytes` in the queue, waited for as long as the configuration says.
    async fn room(&self, bytes: u64) -> Result<OwnedSemaphorePermit, LogError> {
        let shared = &self.shared;
        let queue = permits(shared.config.queue_bytes);
        // A batch larger than the queue passes alone.
        let wanted = permits(bytes).min(queue);
        match Arc::clone(&shared.room).try_acquire_many_owned(wanted) {
            Ok(permit) => return Ok(permit),
            Err(TryAcquireError::Closed) => return Err(LogError::Closed),
            Err(TryAcquireError::NoPermits) => {}
        }
        let wait = Duration::from_millis(shared.config.append_wait_ms);
        let acquire = Arc::clone(&shared.room).acquire_many_owned(wanted);
        match tokio::time::timeout(wait, acquire).await {
            Ok(permit) => permit.map_err(|_| LogError::Closed),
            Err(_) => {
                add(&shared.counters.refused_busy, 1);
                let free = shared.room.available_permits() as u64;
                Err(LogError::Busy {
                    queued_bytes: u64::from(queue).saturating_sub(free),
                })
            }
        }
    }

    fn join_writer(&self) {
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("the log's writer thread panicked");
        }
    }
}

/// Bytes as permits of a semaphore; the empty batch takes one too.
fn permits(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX).max(1)
}

#[async_trait]
impl EventLog for DiskLog {
    async fn append(&self, batch: Batch) -> Result<Appended, LogError> {
        let shared = &self.shared;
        let bytes = codec::measure(&batch, shared.config.record_bytes).inspect_err(|_| {
            add(&shared.counters.refused_too_large, 1);
        })?;
        if batch.is_empty() {
            let next = self.bounds().next;
            return Ok(Appended {
                first: next,
                next,
                duplicates: 0,
            });
        }
        shared
            .space
            .take(bytes, &*shared.disk, &shared.directory, &*shared.clock)
            .inspect_err(|_| add(&shared.counters.refused_full, 1))?;
        let room = self.room(bytes).await?;
        let (record, keys) = codec::split(batch);
        let encoded = codec::encode(&record, &keys);
        let (done, answer) = oneshot::channel();
        let job = Job {
            record,
            keys,
            encoded,
            done,
            room,
        };
        if !shared.queue.push(job) {
            return Err(LogError::Closed);
        }
        answer.await.unwrap_or(Err(LogError::Closed))
    }

    fn bounds(&self) -> Bounds {
        self.shared.read_state().bounds()
    }

    async fn read(&self, from: Offset, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        match self.look(from.0, max_bytes).await? {
            Outcome::Records(records) => Ok(records),
            Outcome::Damaged {
                segment, position, ..
            } => Err(LogError::Corrupt { segment, position }),
        }
    }

    async fn next_readable(&self, from: Offset) -> Result<Offset, LogError> {
        let mut from = from.0;
        while let Outcome::Damaged { next, .. } = self.look(from, 1).await? {
            from = next.max(from + 1);
        }
        Ok(Offset(from))
    }

    async fn wait_for(&self, offset: Offset) -> Result<(), LogError> {
        let mut progress = self.shared.progress.subscribe();
        let seen = progress
            .wait_for(|progress| progress.next > offset.0 || progress.closed)
            .await
            .map_err(|_| LogError::Closed)?;
        if seen.next > offset.0 {
            Ok(())
        } else {
            Err(LogError::Closed)
        }
    }

    fn cursors(&self) -> Vec<CursorState> {
        self.shared.cursors.all()
    }

    async fn commit(&self, name: &str, offset: Offset, archiving: bool) -> Result<(), LogError> {
        let name = name.to_owned();
        self.blocking(move |shared| {
            shared.refuse_when_closed()?;
            // A consumer cannot have finished what is not there; a cursor beyond the end would move the end at the next start.
            let end = Offset(shared.read_state().next);
            shared.cursors.commit(&name, offset.min(end), archiving)
        })
        .await
    }

    async fn forget(&self, name: &str) -> Result<(), LogError> {
        let name = name.to_owned();
        self.blocking(move |shared| {
            shared.refuse_when_closed()?;
            shared.cursors.forget(&name)
        })
        .await
    }

    async fn close(&self) {
        self.shared.room.close();
        self.shared.queue.close();
        let mut progress = self.shared.progress.subscribe();
        // The sender lives in `shared`, so that this only ends with the writer.
        let ended = progress.wait_for(|progress| progress.closed).await.is_ok();
        if ended {
            // From here the thread only has to drop what it holds, the lock among it.
            self.join_writer();
        }
    }
}

impl Drop for DiskLog {
    fn drop(&mut self) {
        self.shared.queue.close();
        self.join_writer();
    }
}
