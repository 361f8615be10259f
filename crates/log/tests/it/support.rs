//! Batches, disks that fail on demand, and ways to look at the whole log.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use bytes::Bytes;
use tempfile::TempDir;
use trunkline_log::{
    Batch, DedupeKey, Disk, DiskLog, EventLog, LogConfig, LogError, Offset, Record, RecordKind,
    Recovery,
};
use trunkline_model::{ManualClock, Timestamp};

/// A configuration with segments of `segment_bytes` and no reserve.
pub(crate) fn config(segment_bytes: u64) -> LogConfig {
    LogConfig {
        segment_bytes,
        reserve_bytes: 0,
        ..LogConfig::default()
    }
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)))
}

/// A batch of `messages` with `keys`.
pub(crate) fn batch(messages: &[&[u8]], keys: &[DedupeKey]) -> Batch {
    let ends = messages.iter().scan(0, |end, message| {
        *end += message.len() as u32;
        Some(*end)
    });
    Batch {
        kind: RecordKind(7),
        header: Bytes::from_static(b"head"),
        body: Bytes::from(messages.concat()),
        ends: ends.collect(),
        keys: keys.to_vec(),
    }
}

/// A batch of one message whose text is its key's.
pub(crate) fn keyed(key: u64) -> Batch {
    batch(&[text(key).as_bytes()], &[DedupeKey::from(key)])
}

pub(crate) fn text(key: u64) -> String {
    format!("message {key}")
}

/// A log in a directory of its own, on a disk that fails on demand.
#[derive(Debug)]
pub(crate) struct Bed {
    pub(crate) directory: TempDir,
    pub(crate) config: LogConfig,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) disk: Arc<TestDisk>,
}

impl Bed {
    pub(crate) fn new(config: LogConfig) -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            config,
            clock: clock(),
            disk: Arc::new(TestDisk::default()),
        }
    }

    pub(crate) fn open(&self) -> (Arc<DiskLog>, Recovery) {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<(Arc<DiskLog>, Recovery), LogError> {
        DiskLog::open_on(
            self.directory.path(),
            self.config.clone(),
            self.clock.clone(),
            self.disk.clone(),
        )
    }

    /// The segment files in the order of their offsets.
    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        self.files("log")
    }

    /// The files whose name ends in `extension`.
    pub(crate) fn files(&self, extension: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        let mut paths: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .collect();
        paths.sort();
        paths
    }
}

/// Changes one bit of the byte at `position`.
pub(crate) fn flip(path: &Path, position: u64) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, position).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], position).unwrap();
}

/// All messages from `from` on, with their offsets; steps over what is damaged.
pub(crate) async fn messages(log: &DiskLog, from: u64) -> Vec<(u64, String)> {
    let mut next = Offset(from);
    let mut found = Vec::new();
    loop {
        let records = match log.read(next, 4_000).await {
            Ok(records) => records,
            Err(LogError::Corrupt { .. }) => {
                let readable = log.next_readable(next).await.unwrap();
                assert!(readable > next);
                next = readable;
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        let Some(last) = records.last() else {
            assert_eq!(next, log.bounds().next);
            return found;
        };
        found.extend(
            records
                .iter()
                .flat_map(texts)
                .filter(|(at, _)| *at >= next.0),
        );
        next = last.next();
    }
}

pub(crate) fn texts(record: &Record) -> Vec<(u64, String)> {
    record
        .messages()
        .map(|(offset, bytes)| (offset.0, String::from_utf8(bytes.to_vec()).unwrap()))
        .collect()
}

/// What messages under the offsets from 0 on look like that were appended as [`keyed`] keys.
pub(crate) fn expected(keys: impl IntoIterator<Item = u64>) -> Vec<(u64, String)> {
    (0..).zip(keys.into_iter().map(text)).collect()
}

/// A disk that does what it is asked for until it is told to fail. Its syncs are no real ones, since no machine stops here.
#[derive(Debug, Default)]
pub(crate) struct TestDisk {
    /// Bytes that are used of `u64::MAX`.
    pub(crate) used: AtomicU64,
    pub(crate) fail_sync: AtomicBool,
    pub(crate) fail_truncate: AtomicBool,
    /// Writes half and then reports a full disk.
    pub(crate) fail_write: AtomicBool,
    held: Mutex<bool>,
    released: Condvar,
}

impl TestDisk {
    /// Lets every sync wait until [`Self::release`].
    pub(crate) fn hold(&self) {
        *self.held.lock().unwrap() = true;
    }

    pub(crate) fn release(&self) {
        *self.held.lock().unwrap() = false;
        self.released.notify_all();
    }
}

impl Disk for TestDisk {
    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(u64::MAX - self.used.load(Ordering::SeqCst))
    }

    fn write(&self, file: &File, bytes: &[u8], position: u64) -> io::Result<()> {
        if self.fail_write.load(Ordering::SeqCst) {
            file.write_all_at(&bytes[..bytes.len() / 2], position)?;
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        file.write_all_at(bytes, position)
    }

    fn sync(&self, _: &File) -> io::Result<()> {
        let held = self.held.lock().unwrap();
        drop(self.released.wait_while(held, |held| *held).unwrap());
        if self.fail_sync.load(Ordering::SeqCst) {
            return Err(io::Error::from_raw_os_error(5));
        }
        Ok(())
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        if self.fail_truncate.load(Ordering::SeqCst) {
            return Err(io::Error::from_raw_os_error(5));
        }
        file.set_len(length)
    }
}
