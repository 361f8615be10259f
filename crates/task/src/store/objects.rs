//! Contents by their hash.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use super::folder::{Store, settle, spread};
use crate::{Key, TaskError};

/// Bytes from which content is compressed. Below, to set that up takes longer than it saves, and disks keep whole blocks.
const COMPRESSED: u64 = 64 * 1024;
/// How hard it is compressed: little, since it is read as often as it is written.
const LEVEL: i32 = 1;
/// Bytes that are read at once.
const PIECE: usize = 128 * 1024;
/// How often it is noted that something was used.
const NOTED: Duration = Duration::from_secs(600);

/// What an object begins with: whether it is compressed.
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

impl Store {
    fn object(&self, hash: &Key) -> PathBuf {
        spread(&self.root.join("objects"), &hash.to_string())
    }

    /// Keeps the content that `from` gives, and says its hash and its bytes.
    pub(crate) fn put_object(&self, from: impl Read) -> Result<(Key, u64), TaskError> {
        let part = self.part();
        let written = self.write_object(from, &part);
        if written.is_err() {
            // Nobody names it.
            let _stays = std::fs::remove_file(&part);
        }
        written
    }

    fn write_object(&self, mut from: impl Read, part: &Path) -> Result<(Key, u64), TaskError> {
        let mut file = File::create(part).map_err(TaskError::store)?;
        let mut hasher = blake3::Hasher::new();
        let mut piece = Vec::with_capacity(1 + COMPRESSED as usize);
        let mut first = (&mut from).take(COMPRESSED);
        first.read_to_end(&mut piece).map_err(TaskError::store)?;
        let mut bytes = piece.len() as u64;
        hasher.update(&piece);
        if bytes < COMPRESSED {
            piece.insert(0, PLAIN);
            file.write_all(&piece).map_err(TaskError::store)?;
        } else {
            file.write_all(&[ZSTD]).map_err(TaskError::store)?;
            let mut encoder = zstd::Encoder::new(&mut file, LEVEL).map_err(TaskError::store)?;
            encoder.write_all(&piece).map_err(TaskError::store)?;
            piece.resize(PIECE, 0);
            loop {
                let read = fill(&mut from, &mut piece)?;
                if read == 0 {
                    break;
                }
                bytes += read as u64;
                if bytes > self.limits.file_bytes {
                    let most = self.limits.file_bytes;
                    return Err(TaskError::Store(format!(
                        "a file has more than {most} bytes"
                    )));
                }
                hasher.update(&piece[..read]);
                encoder
                    .write_all(&piece[..read])
                    .map_err(TaskError::store)?;
            }
            encoder.finish().map_err(TaskError::store)?;
        }
        let hash = Key(*hasher.finalize().as_bytes());
        let place = self.object(&hash);
        if self.has_object(&hash) {
            // The same content: that it is wanted again is news of its use.
            std::fs::remove_file(part).map_err(TaskError::store)?;
            return Ok((hash, bytes));
        }
        let kept = file.metadata().map_or(bytes, |found| found.len());
        let taken = self.taken();
        settle(part, &place).map_err(TaskError::store)?;
        taken.fetch_add(kept, Ordering::Relaxed);
        Ok((hash, bytes))
    }

    /// Writes the content with this hash to `to`, which must not be there; false where it is not kept, or is not what it should be any more.
    /// It is verified as it is read. An error is one of `to`, and leaves nothing there.
    pub(crate) fn get_object(&self, hash: &Key, to: &Path) -> io::Result<bool> {
        let Some(content) = self.read_object(hash) else {
            return Ok(false);
        };
        let mut file = OpenOptions::new().write(true).create_new(true).open(to)?;
        let written = copy_verified(content, hash, &mut file);
        if !matches!(written, Ok(true)) {
            std::fs::remove_file(to)?;
        }
        if matches!(written, Ok(false)) {
            self.remove_broken(hash);
        }
        written
    }

    /// The content with this hash where it is kept and no longer than `most`, verified.
    pub(crate) fn object_bytes(&self, hash: &Key, most: u64) -> Option<Vec<u8>> {
        let (kind, mut file, about) = self.open_object(hash)?;
        let room = about.len().min(most) as usize + 1;
        // One byte more shows that it is longer.
        let limit = most.saturating_add(1);
        let mut bytes = Vec::with_capacity(room);
        let read = if kind == ZSTD {
            let content = zstd::Decoder::new(file).ok()?;
            content.take(limit).read_to_end(&mut bytes)
        } else {
            Read::take(&mut file, limit).read_to_end(&mut bytes)
        };
        if bytes.len() as u64 > most {
            return None;
        }
        if read.is_ok() && blake3::hash(&bytes).as_bytes() == &hash.0 {
            return Some(bytes);
        }
        self.remove_broken(hash);
        None
    }

    /// Whether the content with this hash is kept. Who asks wants to use it, so it is noted as used: what is in a checkout already is not read.
    pub(crate) fn has_object(&self, hash: &Key) -> bool {
        let place = self.object(hash);
        let Ok(found) = std::fs::metadata(&place) else {
            return false;
        };
        if found.is_file() {
            note_use_of(&place, &found);
        }
        found.is_file()
    }

    /// What lies under this hash. What cannot be read is as good as not there: its task can be run again.
    pub(super) fn read_object(&self, hash: &Key) -> Option<Box<dyn Read + Send>> {
        let (kind, file, _) = self.open_object(hash)?;
        if kind == ZSTD {
            return Some(Box::new(zstd::Decoder::new(file).ok()?));
        }
        Some(Box::new(file))
    }

    /// The file of an object behind its first byte, which says whether it is compressed.
    fn open_object(&self, hash: &Key) -> Option<(u8, File, Metadata)> {
        let place = self.object(hash);
        let open = || -> io::Result<_> {
            let mut file = File::open(&place)?;
            let about = file.metadata()?;
            let mut kind = [0];
            if about.is_file() && about.len() > 0 {
                file.read_exact(&mut kind)?;
                return Ok((Some(kind[0]), file, about));
            }
            Ok((None, file, about))
        };
        match open() {
            Ok((Some(kind @ (PLAIN | ZSTD)), file, about)) => {
                note_use_of(&place, &about);
                Some((kind, file, about))
            }
            Ok(_) => {
                self.remove_broken(hash);
                None
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(object = %hash, %error, "a result cannot be read: it will be made again");
                }
                None
            }
        }
    }

    /// What is not what its name says is as good as not there.
    pub(super) fn remove_broken(&self, hash: &Key) {
        tracing::warn!(object = %hash, "a result is not what was kept, and is removed: it will be made again");
        let _stays = std::fs::remove_file(self.object(hash));
    }
}

/// Notes that a file was used, by its time; false where that is known.
#[expect(
    clippy::disallowed_methods,
    reason = "compared with the times of other files, which the system gives"
)]
pub(super) fn note_use_of(place: &Path, found: &Metadata) -> bool {
    let now = SystemTime::now();
    let known = found.modified();
    if known.is_ok_and(|known| now.duration_since(known).is_ok_and(|age| age < NOTED)) {
        return false;
    }
    // Where it cannot be noted it is evicted earlier.
    let _noted = File::options()
        .append(true)
        .open(place)
        .and_then(|file| file.set_modified(now));
    true
}

/// Writes `content` to `to`; false where it breaks off or has another hash.
fn copy_verified(mut content: impl Read, hash: &Key, to: &mut File) -> io::Result<bool> {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE];
    loop {
        // A compressed one that is broken breaks off.
        let Ok(read) = fill(&mut content, &mut piece) else {
            return Ok(false);
        };
        if read == 0 {
            return Ok(hasher.finalize().as_bytes() == &hash.0);
        }
        hasher.update(&piece[..read]);
        to.write_all(&piece[..read])?;
    }
}

/// Reads until the piece is full or nothing comes any more.
fn fill(from: &mut impl Read, piece: &mut [u8]) -> Result<usize, TaskError> {
    let mut have = 0;
    while have < piece.len() {
        match from.read(&mut piece[have..]) {
            Ok(0) => break,
            Ok(read) => have += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(TaskError::store(error)),
        }
    }
    Ok(have)
}
