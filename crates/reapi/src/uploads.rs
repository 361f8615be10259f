//! Uploads that are not at their end: a client whose connection broke goes on where it was.

use std::collections::HashMap;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::SpooledTempFile;
use trunkline_model::{Clock, Timestamp};

use crate::ReapiError;
use crate::digest::Digest;

/// Bytes of an upload that stay in memory.
const MEMORY: usize = 64 << 10;
/// How long an upload waits for its client, in microseconds.
const WAIT: i64 = 10 * 60 * 1_000_000;
/// Uploads that wait at most.
const WAITING: usize = 512;

/// Which upload: whose, its id, and what it brings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UploadKey {
    pub(crate) caller: String,
    pub(crate) id: String,
    pub(crate) digest: Digest,
}

/// All uploads that are not at their end.
#[derive(Debug)]
pub(crate) struct Uploads {
    clock: Arc<dyn Clock>,
    /// Where what came of them lies, in files without a name: a crash leaves nothing.
    folder: PathBuf,
    /// Bytes of all of them.
    bytes: AtomicU64,
    most: u64,
    waiting: Mutex<HashMap<UploadKey, Part>>,
}

#[derive(Debug)]
struct Part {
    file: SpooledTempFile,
    bytes: u64,
    since: Timestamp,
}

impl Uploads {
    /// Nothing yet; all together may have `most` bytes.
    pub(crate) fn new(clock: Arc<dyn Clock>, folder: PathBuf, most: u64) -> Self {
        Self {
            clock,
            folder,
            bytes: AtomicU64::new(0),
            most,
            waiting: Mutex::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<UploadKey, Part>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of an upload that came; none where it is not known.
    pub(crate) fn committed(&self, key: &UploadKey) -> u64 {
        let mut waiting = self.waiting();
        self.forget(&mut waiting, WAITING);
        waiting.get(key).map_or(0, |part| part.bytes)
    }

    /// Goes on with an upload, or begins it. Nobody else has it meanwhile: a second one begins anew.
    pub(crate) fn take(self: &Arc<Self>, key: UploadKey) -> Upload {
        let mut waiting = self.waiting();
        self.forget(&mut waiting, WAITING);
        let part = waiting.remove(&key);
        drop(waiting);
        let part = part.unwrap_or_else(|| self.part());
        Upload {
            uploads: Arc::clone(self),
            key,
            part: Some(part),
        }
    }

    fn part(&self) -> Part {
        Part {
            file: tempfile::spooled_tempfile_in(MEMORY, &self.folder),
            bytes: 0,
            since: self.clock.now(),
        }
    }

    /// Forgets those whose client does not come back, and the oldest where there are more than `most`.
    fn forget(&self, waiting: &mut HashMap<UploadKey, Part>, most: usize) {
        let now = self.clock.now();
        waiting.retain(|_, part| {
            let stays = now.micros_since(part.since) < WAIT;
            if !stays {
                self.give_back(part.bytes);
            }
            stays
        });
        while waiting.len() > most {
            let oldest = waiting.iter().min_by_key(|(_, part)| part.since);
            let Some(part) = oldest
                .map(|(key, _)| key.clone())
                .and_then(|key| waiting.remove(&key))
            else {
                return;
            };
            self.give_back(part.bytes);
        }
    }

    fn give_back(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Makes room for bytes that come. Uploads whose client went away make place for those that are under way.
    fn reserve(&self, bytes: u64) -> Result<(), ReapiError> {
        let fits = |now: u64| now.checked_add(bytes).filter(|sum| *sum <= self.most);
        let reserve = || {
            self.bytes
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
        };
        if reserve().is_ok() {
            return Ok(());
        }
        self.forget(&mut self.waiting(), 0);
        reserve()
            .map(drop)
            .map_err(|_| ReapiError::Busy("bytes of uploads"))
    }

    #[cfg(test)]
    fn held(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// An upload that is under way. What came of it waits for its client where it is dropped before its end.
#[derive(Debug)]
pub(crate) struct Upload {
    uploads: Arc<Uploads>,
    key: UploadKey,
    part: Option<Part>,
}

impl Upload {
    /// Bytes that came.
    pub(crate) fn bytes(&self) -> u64 {
        self.part.as_ref().map_or(0, |part| part.bytes)
    }

    /// Begins again.
    pub(crate) fn restart(&mut self) {
        self.discard();
        self.part = Some(self.uploads.part());
    }

    /// Takes what comes next.
    pub(crate) fn append(&mut self, data: &[u8]) -> Result<(), ReapiError> {
        let Some(part) = &mut self.part else {
            return Err(ReapiError::Stopped);
        };
        self.uploads.reserve(data.len() as u64)?;
        part.bytes += data.len() as u64;
        let written = part.file.write_all(data);
        if written.is_err() {
            // How much of it came is not known.
            self.discard();
        }
        Ok(written?)
    }

    /// Hands over all that came, from its beginning, and ends the upload.
    pub(crate) fn finish<T>(
        mut self,
        keep: impl FnOnce(&Digest, &mut SpooledTempFile) -> Result<T, ReapiError>,
    ) -> Result<T, ReapiError> {
        let Some(part) = &mut self.part else {
            return Err(ReapiError::Stopped);
        };
        part.file.seek(SeekFrom::Start(0))?;
        let kept = keep(&self.key.digest, &mut part.file);
        self.discard();
        kept
    }

    /// Forgets what came.
    pub(crate) fn discard(&mut self) {
        if let Some(part) = self.part.take() {
            self.uploads.give_back(part.bytes);
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let Some(mut part) = self.part.take().filter(|part| part.bytes > 0) else {
            return;
        };
        part.since = self.uploads.clock.now();
        let mut waiting = self.uploads.waiting();
        if let Some(other) = waiting.insert(self.key.clone(), part) {
            self.uploads.give_back(other.bytes);
        }
        self.uploads.forget(&mut waiting, WAITING);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use trunkline_model::ManualClock;

    use super::*;

    fn uploads(most: u64) -> (Arc<ManualClock>, Arc<Uploads>) {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(0)));
        let uploads = Uploads::new(Arc::clone(&clock) as _, std::env::temp_dir(), most);
        (clock, Arc::new(uploads))
    }

    fn key(id: &str) -> UploadKey {
        UploadKey {
            caller: "ada".to_owned(),
            id: id.to_owned(),
            digest: Digest::new(&"a".repeat(64), 6).unwrap(),
        }
    }

    #[test]
    fn an_upload_goes_on_where_it_was() {
        let (_, uploads) = uploads(100);
        uploads.take(key("1")).append(b"abc").unwrap();
        assert_eq!(uploads.committed(&key("1")), 3);
        assert_eq!(uploads.committed(&key("2")), 0);
        let mut upload = uploads.take(key("1"));
        assert_eq!(uploads.committed(&key("1")), 0, "it is under way");
        upload.append(b"def").unwrap();
        let mut found = String::new();
        upload
            .finish(|_, file| Ok(file.read_to_string(&mut found)?))
            .unwrap();
        assert_eq!(found, "abcdef");
        assert_eq!(uploads.held(), 0);
    }

    #[test]
    fn an_upload_that_begins_again_has_nothing_of_what_came() {
        let (_, uploads) = uploads(100);
        let mut upload = uploads.take(key("1"));
        upload.append(b"abc").unwrap();
        upload.restart();
        upload.append(b"x").unwrap();
        assert_eq!((upload.bytes(), uploads.held()), (1, 1));
        drop(upload);
        assert_eq!(uploads.committed(&key("1")), 1);
    }

    #[test]
    fn nobody_is_waited_for_too_long() {
        let (clock, uploads) = uploads(100);
        uploads.take(key("1")).append(b"abc").unwrap();
        clock.advance_micros(WAIT - 1);
        assert_eq!(uploads.committed(&key("1")), 3);
        clock.advance_micros(1);
        assert_eq!(uploads.committed(&key("1")), 0);
        assert_eq!(uploads.held(), 0);
    }

    #[test]
    fn what_waits_gives_way_to_what_is_under_way() {
        let (_, uploads) = uploads(5);
        uploads.take(key("1")).append(b"abc").unwrap();
        let mut upload = uploads.take(key("2"));
        upload.append(b"defg").unwrap();
        assert_eq!(uploads.committed(&key("1")), 0);
        let full = upload.append(b"hi").unwrap_err();
        assert!(matches!(full, ReapiError::Busy(_)), "{full}");
        assert_eq!(uploads.held(), 4);
    }

    #[test]
    fn only_so_many_wait() {
        let (_, uploads) = uploads(10_000);
        for id in 0..=WAITING {
            uploads.take(key(&id.to_string())).append(b"a").unwrap();
        }
        assert_eq!(uploads.held(), WAITING as u64);
    }
}
