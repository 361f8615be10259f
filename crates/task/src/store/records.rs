//! What became of tasks, by their action keys.

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;

use super::folder::{Namespace, Store, put, spread};
use super::objects::note_use_of;
use crate::{FileMode, Key, TaskError};

/// Bytes of a record.
const LARGE: u64 = 64 << 20;

/// A file that a task made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Where it lies, from the root of the repository.
    pub path: String,
    /// Whether it can be run.
    #[serde(default)]
    pub program: bool,
    /// Where it leads, if it is a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The hash of its content, as 64 hexadecimal digits.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
}

impl Output {
    /// What it is.
    #[must_use]
    pub fn mode(&self) -> FileMode {
        match (&self.link, self.program) {
            (Some(_), _) => FileMode::Link,
            (None, true) => FileMode::Program,
            (None, false) => FileMode::Plain,
        }
    }
}

/// What became of a task that ended well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which task, as `project#task`.
    pub task: String,
    /// The files that it made, in the order of their paths.
    pub outputs: Vec<Output>,
    /// The hash of these, as 64 hexadecimal digits: what those who need it depend on.
    pub output_hash: String,
    /// The hash of what it wrote, as 64 hexadecimal digits.
    pub log: String,
    /// Milliseconds that it took.
    pub milliseconds: u64,
    /// When it ended.
    pub ended: Timestamp,
    /// Who ran it.
    pub by: String,
}

impl Store {
    /// The record for `key` that `reader` may see: a person sees the own ones and the trusted ones, the platform the trusted ones alone.
    /// Whether its contents are kept is known when they are taken.
    ///
    /// # Errors
    /// [`TaskError::Store`] where the disk cannot be read.
    pub fn record(&self, reader: &Namespace, key: &Key) -> Result<Option<Record>, TaskError> {
        if let Some(found) = self.record_in(&Namespace::Trusted, key)? {
            return Ok(Some(found));
        }
        match reader {
            Namespace::Trusted => Ok(None),
            Namespace::User(_) => self.record_in(reader, key),
        }
    }

    fn record_in(&self, of: &Namespace, key: &Key) -> Result<Option<Record>, TaskError> {
        let place = spread(
            &self.root.join("records").join(of.folder()),
            &key.to_string(),
        );
        let about = match std::fs::metadata(&place) {
            Ok(found) if found.len() <= LARGE => found,
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(TaskError::store(error)),
        };
        let found = std::fs::read(&place).map_err(TaskError::store)?;
        let Some(record) = read(&found) else {
            tracing::warn!(%key, "a record is not what was written, and is removed: its task runs again");
            let _stays = std::fs::remove_file(&place);
            return Ok(None);
        };
        if note_use_of(&place, &about) {
            // What it stands for is as much in use, also where it is in the checkout already and not read from here.
            let hashes = record.outputs.iter().map(|output| &output.hash);
            for hash in hashes.chain([&record.log]) {
                if !hash.parse().is_ok_and(|hash| self.has_object(&hash)) {
                    return Ok(None);
                }
            }
        }
        Ok(Some(record))
    }

    /// Writes the record for `key`, whose contents are kept already.
    ///
    /// # Errors
    /// [`TaskError::Store`] where the disk refuses.
    pub fn put_record(&self, of: &Namespace, key: &Key, record: &Record) -> Result<(), TaskError> {
        let text = serde_json::to_vec(record).map_err(TaskError::store)?;
        let mut content = blake3::hash(&text).to_hex().as_bytes().to_vec();
        content.push(b'\n');
        content.extend(text);
        let place = spread(
            &self.root.join("records").join(of.folder()),
            &key.to_string(),
        );
        put(&self.part(), &place, &content).map_err(TaskError::store)?;
        self.evict();
        Ok(())
    }

    /// What the task of a record wrote; nothing where it is not what was kept.
    #[must_use]
    pub fn log(&self, record: &Record) -> Option<Vec<u8>> {
        self.object_bytes(&record.log.parse().ok()?, LARGE)
    }
}

/// Reads a record behind the hash of its text.
fn read(content: &[u8]) -> Option<Record> {
    let (hash, text) = content.split_at_checked(65)?;
    let same = blake3::hash(text).to_hex().as_bytes() == &hash[..64] && hash[64] == b'\n';
    same.then(|| serde_json::from_slice(text).ok())?
}
