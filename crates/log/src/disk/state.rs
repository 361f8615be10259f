//! What readers and the writer share.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::{Semaphore, watch};
use trunkline_model::Clock;

use super::cache::TailCache;
use super::cursors::Cursors;
use super::format::SegmentHeader;
use super::index::Index;
use super::port::Disk;
use super::queue::Queue;
use super::space::Space;
use super::stats::{Counters, add};
use crate::{Bounds, LogConfig, LogError, Offset};

/// A segment and where its durable records lie.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) base: u64,
    pub(super) salt: u32,
    pub(super) index: Index,
}

impl Segment {
    /// A segment without records.
    pub(super) fn new(header: SegmentHeader) -> Self {
        Self {
            base: header.base.0,
            salt: header.salt,
            index: Index::empty(header.base.0),
        }
    }

    /// A segment whose header is lost; none of its offsets can be read.
    pub(super) fn unreadable(base: u64) -> Self {
        Self {
            base,
            salt: 0,
            index: Index::empty(base),
        }
    }
}

/// The durable part of the log.
#[derive(Debug)]
pub(super) struct State {
    /// In the order of their offsets, never empty; the last one takes new records.
    pub(super) segments: VecDeque<Segment>,
    pub(super) cache: TailCache,
    /// The offset that the next message gets.
    pub(super) next: u64,
}

impl State {
    /// The oldest offset there is.
    pub(super) fn first(&self) -> u64 {
        self.segments
            .front()
            .map_or(self.next, |segment| segment.base)
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds {
            first: Offset(self.first()),
            next: Offset(self.next),
            bytes: self.segments.iter().map(|one| one.index.length).sum(),
            segments: self.segments.len() as u64,
        }
    }
}

/// How far the log has come, for those who wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    pub(super) next: u64,
    pub(super) closed: bool,
}

/// Everything that the writer thread and the callers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) directory: PathBuf,
    pub(super) config: LogConfig,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) queue: Queue,
    /// Bytes that the queue may still take.
    pub(super) room: Arc<Semaphore>,
    pub(super) space: Space,
    pub(super) cursors: Cursors,
    pub(super) state: RwLock<State>,
    pub(super) progress: watch::Sender<Progress>,
    pub(super) counters: Counters,
}

impl Shared {
    /// After the writer ended another process may have the directory.
    pub(super) fn refuse_when_closed(&self) -> Result<(), LogError> {
        if self.progress.borrow().closed {
            Err(LogError::Closed)
        } else {
            Ok(())
        }
    }

    /// What a caller is told when the system said `error` to the writer.
    pub(super) fn explain(&self, error: &io::Error) -> LogError {
        if matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        ) {
            add(&self.counters.refused_full, 1);
            let free = self.disk.free_bytes(&self.directory).unwrap_or(0);
            return self.space.full(free);
        }
        // The group shares one error, and an `io::Error` cannot be cloned.
        let source = error.raw_os_error().map_or_else(
            || io::Error::new(error.kind(), error.to_string()),
            io::Error::from_raw_os_error,
        );
        LogError::Io {
            action: "write to the log".to_owned(),
            source,
        }
    }

    pub(super) fn read_state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write_state(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
