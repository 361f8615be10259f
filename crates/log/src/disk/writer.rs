//! The writer thread: takes what is queued, writes it at once, syncs it once, and wakes everyone.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use trunkline_model::Timestamp;

use super::codec;
use super::files::{create_segment, index_name, replace, segment_name};
use super::format::{HEAD_LENGTH, HEADER_LENGTH, Head};
use super::queue::{Job, Patience};
use super::recovery;
use super::retention;
use super::state::{Segment, Shared};
use super::stats::add;
use super::window::DedupeWindow;
use crate::{Appended, LogError, Offset, Record};

/// About how much is written between two syncs.
const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// The longest time that a group waits for those whom the group before it woke.
const LINGER: Duration = Duration::from_micros(500);
/// Jobs that come while a group is written from which on the next one keeps its distance, and how far apart two begin then.
const BUSY: usize = 2;
const APART: Duration = Duration::from_millis(2);
/// A buffer that grew beyond this for one large group is given back.
const KEEP_BUFFER: usize = 16 * 1024 * 1024;

/// The only one who writes segments.
#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
    window: DedupeWindow,
    /// The last segment's file; none after a failure, until a new segment could be made.
    file: Option<Arc<File>>,
    /// The lock on the directory, held until the last byte is written.
    _lock: File,
    /// The offset of the next message, durable or not.
    next: u64,
    /// Append times never go back, whatever the clock does.
    time: i64,
    buffer: Vec<u8>,
    group: Vec<Waiter>,
    /// The group's records, in the order of the buffer.
    placed: Vec<(Head, Record)>,
    /// Whether a segment was begun since retention ran last.
    rolled: bool,
    /// Whether the last group could not be written; said once, not for every group.
    failing: bool,
}

/// The group that was written last.
#[derive(Debug, Default)]
struct Group {
    jobs: usize,
    began: Option<Instant>,
    /// How long its sync took.
    sync: Duration,
}

impl Group {
    /// How long the next group waits, of which so many jobs came while this one was written.
    ///
    /// Where none did, all who write wait for this one, and are about to come back: a group without them would make them wait for two syncs
    /// instead of one. Where many did, they come at a pace of their own; a sync costs the same for all that it finds, so groups keep a
    /// distance.
    fn patience(&self, there: usize) -> Patience {
        if there < BUSY {
            return Patience {
                jobs: self.jobs,
                time: LINGER.min(self.sync / 4),
            };
        }
        let passed = self.began.map_or(APART, |began| began.elapsed());
        Patience {
            jobs: usize::MAX,
            time: APART.saturating_sub(passed),
        }
    }
}

/// Someone who waits for the group.
#[derive(Debug)]
struct Waiter {
    done: oneshot::Sender<Result<Appended, LogError>>,
    appended: Appended,
    room: OwnedSemaphorePermit,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, window: DedupeWindow, file: File, lock: File) -> Self {
        let (next, time) = {
            let state = shared.read_state();
            let time = state.segments.iter().map(|one| one.index.appended_at).max();
            (state.next, time.unwrap_or(i64::MIN))
        };
        Self {
            shared,
            window,
            file: Some(Arc::new(file)),
            _lock: lock,
            next,
            time,
            buffer: Vec::new(),
            group: Vec::new(),
            placed: Vec::new(),
            rolled: false,
            failing: false,
        }
    }

    /// Runs until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        // Whatever ends this thread, nobody may wait for it afterwards.
        let _ended = Ended(&shared);
        let mut last = Group::default();
        loop {
            let Some(jobs) = shared.queue.take(GROUP_BYTES, |there| last.patience(there)) else {
                return;
            };
            last.began = Some(Instant::now());
            last.jobs = jobs.len();
            last.sync = self.append(jobs);
            if std::mem::take(&mut self.rolled)
                && let Err(error) = retention::enforce(&shared)
            {
                tracing::warn!(%error, "cannot remove an old segment");
            }
        }
    }

    /// Makes one group durable, or none of it, and answers everyone. Tells how long the sync took.
    fn append(&mut self, jobs: Vec<Job>) -> Duration {
        let first = self.next;
        self.time = self.time.max(self.shared.clock.now().as_micros());
        for job in jobs {
            self.place(job, first);
        }
        let took = match self.write() {
            Ok(took) => {
                self.window.commit();
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the log writes again");
                }
                for waiter in self.group.drain(..) {
                    waiter.answer(Ok(()));
                }
                took
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!(%error, "the log cannot write; what is appended now is refused");
                }
                self.window.roll_back();
                self.next = first;
                self.placed.clear();
                add(&self.shared.counters.failed_groups, 1);
                for waiter in self.group.drain(..) {
                    waiter.answer(Err(self.shared.explain(&error)));
                }
                Duration::ZERO
            }
        };
        self.buffer.clear();
        self.buffer.shrink_to(KEEP_BUFFER);
        let keys = self.window.len() as u64;
        self.shared
            .counters
            .dedupe_keys
            .store(keys, Ordering::Relaxed);
        took
    }

    /// Gives a batch its offsets and puts its bytes into the buffer, without what the log already has.
    fn place(&mut self, job: Job, group: u64) {
        let Job {
            mut record,
            keys,
            mut encoded,
            done,
            room,
        } = job;
        let count = record.ends.len();
        let mut kept = Vec::new();
        let mut duplicates = 0;
        for (at, &key) in keys.iter().enumerate() {
            if self.window.insert(key) {
                if duplicates > 0 {
                    kept.push(at);
                }
            } else {
                if duplicates == 0 {
                    kept.extend(0..at);
                }
                duplicates += 1;
            }
        }
        if 0 < duplicates && duplicates < count {
            record = codec::retain(&record, &kept);
            let keys: Vec<_> = kept.iter().map(|&at| keys[at]).collect();
            encoded = codec::encode(&record, &keys);
        }
        let first = self.next;
        if duplicates < count {
            record.base = Offset(first);
            record.appended_at = Timestamp::from_micros(self.time);
            let head = Head {
                base: first,
                appended_at: self.time,
                group: (first - group) as u32,
                ..encoded.head
            };
            self.next = head.next();
            self.buffer.extend_from_slice(&encoded.bytes);
            self.placed.push((head, record));
        }
        self.group.push(Waiter {
            done,
            appended: Appended {
                first: Offset(first),
                next: Offset(self.next),
                duplicates: duplicates as u32,
            },
            room,
        });
    }

    /// Writes and syncs the buffer and shows its records to the readers. Tells how long the sync took.
    fn write(&mut self) -> io::Result<Duration> {
        if self.buffer.is_empty() {
            self.publish(0);
            return Ok(Duration::ZERO);
        }
        let shared = Arc::clone(&self.shared);
        let (file, salt, position) = self.segment()?;
        let mut at = 0;
        for (head, _) in &self.placed {
            self.buffer[at..at + HEAD_LENGTH].copy_from_slice(&head.encode(salt));
            at += head.length() as usize;
        }
        if let Err(error) = shared.disk.write(&file, &self.buffer, position) {
            let cut = shared
                .disk
                .truncate(&file, position)
                .and_then(|()| shared.disk.sync(&file));
            if cut.is_err() {
                self.give_up(&file);
            }
            return Err(error);
        }
        let started = Instant::now();
        if let Err(error) = shared.disk.sync(&file) {
            self.give_up(&file);
            return Err(error);
        }
        let took = started.elapsed();
        shared.counters.synced(took);
        add(&shared.counters.groups, 1);
        self.publish(position);
        Ok(took)
    }

    /// The file that takes the buffer, its salt, and where the buffer goes.
    fn segment(&mut self) -> io::Result<(Arc<File>, u32, u64)> {
        let (salt, length) = {
            let state = self.shared.read_state();
            let last = state.segments.back();
            last.map_or((0, u64::MAX), |last| (last.salt, last.index.length))
        };
        let grown = length.saturating_add(self.buffer.len() as u64);
        let full = length > HEADER_LENGTH && grown > self.shared.config.segment_bytes;
        match &self.file {
            Some(file) if !full => Ok((Arc::clone(file), salt, length)),
            _ => self.roll(),
        }
    }

    /// Begins a new segment after the last durable message.
    fn roll(&mut self) -> io::Result<(Arc<File>, u32, u64)> {
        self.seal();
        self.file = None;
        let base = self.shared.read_state().next;
        let (file, header) = create_segment(&self.shared.directory, base)?;
        let file = Arc::new(file);
        self.file = Some(Arc::clone(&file));
        self.rolled = true;
        let segments = &mut self.shared.write_state().segments;
        if segments.back().is_some_and(|last| last.base == base) {
            // It has no record; only its file was bad.
            segments.pop_back();
        }
        segments.push_back(Segment::new(header));
        Ok((file, header.salt, HEADER_LENGTH))
    }

    /// Writes the index of the last segment beside it. Without it the segment is surveyed at the next start, so that a failure is
    /// only slow.
    fn seal(&self) {
        let (base, bytes) = {
            let state = self.shared.read_state();
            let Some(last) = state.segments.back() else {
                return;
            };
            (last.base, last.index.encode(last.salt))
        };
        if let Err(error) = replace(&self.shared.directory.join(index_name(base)), &bytes) {
            tracing::warn!(%error, segment = segment_name(base), "cannot write an index");
        }
    }

    /// Leaves the last segment after a failure that makes its unacknowledged bytes unknowable.
    ///
    /// After a failed sync the kernel may call pages clean that never reached the disk, so syncing again would prove nothing. What
    /// was acknowledged before was synced before; the next group goes to a new file.
    fn give_up(&mut self, file: &File) {
        self.file = None;
        let last = self.shared.read_state().segments.back().cloned();
        let Some(last) = last else { return };
        if let Err(error) = self.shared.disk.truncate(file, last.index.length) {
            tracing::warn!(%error, "cannot cut what was not acknowledged; its index excludes it");
        }
        let verified = recovery::verify(&self.shared.directory, &last);
        self.seal();
        match verified {
            Ok(true) => {}
            Ok(false) => tracing::error!("acknowledged records are damaged after a failed sync"),
            Err(error) => tracing::error!(%error, "cannot verify a segment after a failed sync"),
        }
    }

    /// Shows the group to the readers; its first record lies at `position`.
    fn publish(&mut self, mut position: u64) {
        let counters = &self.shared.counters;
        for waiter in &self.group {
            let appended = &waiter.appended;
            add(&counters.messages, appended.next.0 - appended.first.0);
            add(&counters.duplicates, u64::from(appended.duplicates));
        }
        add(&counters.appends, self.group.len() as u64);
        if self.placed.is_empty() {
            return;
        }
        add(&counters.bytes_written, self.buffer.len() as u64);
        {
            let state = &mut *self.shared.write_state();
            for (head, record) in self.placed.drain(..) {
                if let Some(last) = state.segments.back_mut() {
                    last.index.add(&head, position);
                }
                position += head.length();
                state.cache.push(record);
            }
            state.next = self.next;
        }
        self.shared
            .progress
            .send_modify(|progress| progress.next = self.next);
    }
}

impl Waiter {
    /// Gives the batch's room in the queue back and answers; whoever dropped the append does not want to know.
    fn answer(self, result: Result<(), LogError>) {
        drop(self.room);
        drop(self.done.send(result.map(|()| self.appended)));
    }
}

/// Lets everyone go when the writer thread ends.
struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.room.close();
        self.0.queue.abandon();
        self.0
            .progress
            .send_modify(|progress| progress.closed = true);
    }
}
