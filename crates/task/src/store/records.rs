//! What became of tasks, by their action keys.

use std::fs::File;
use std::io::Read as _;

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;

use super::folder::{Namespace, Store, put, spread};
use super::objects::note_use_of;
use crate::{FileMode, Key, TaskError};

/// Bytes of a record.
const LARGE: u64 = 64 << 20;
/// Bytes of what a task wrote that are kept in its record.
const SHORT: usize = 4_096;

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
    /// Where it begins among the small files of its task; nothing where its content is kept by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
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

/// What a task wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// The text itself, where it is short.
    Text(String),
    /// The hash of a longer one, as 64 hexadecimal digits.
    Hash(String),
}

/// What became of a task that ended well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which task, as `project#task`.
    pub task: String,
    /// The files that it made, in the order of their paths.
    pub outputs: Vec<Output>,
    /// The hash of the small ones, one behind another, as 64 hexadecimal digits; nothing where there are none. Most tasks make many small files,
    /// and to open each of them takes longer than to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub small: Option<String>,
    /// The hash of all outputs, as 64 hexadecimal digits: what those who need it depend on.
    pub output_hash: String,
    /// What it wrote.
    pub log: Written,
    /// Milliseconds that it took.
    pub milliseconds: u64,
    /// When it ended.
    pub ended: Timestamp,
    /// Who ran it.
    pub by: String,
}

impl Record {
    /// The hashes of all contents that belong to it.
    fn contents(&self) -> impl Iterator<Item = &String> {
        let outputs = self.outputs.iter();
        let alone = outputs.filter(|output| output.at.is_none() && output.link.is_none());
        let log = match &self.log {
            Written::Hash(hash) => Some(hash),
            Written::Text(_) => None,
        };
        alone
            .map(|output| &output.hash)
            .chain(&self.small)
            .chain(log)
    }
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
        let mut file = match File::open(&place) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(TaskError::store(error)),
        };
        let about = file.metadata().map_err(TaskError::store)?;
        if about.len() > LARGE {
            return Ok(None);
        }
        let mut found = Vec::with_capacity(about.len() as usize + 1);
        file.read_to_end(&mut found).map_err(TaskError::store)?;
        let Some(record) = read(&found) else {
            tracing::warn!(%key, "a record is not what was written, and is removed: its task runs again");
            let _stays = std::fs::remove_file(&place);
            return Ok(None);
        };
        if note_use_of(&place, &about) {
            // What it stands for is as much in use, also where it is in the checkout already and not read from here.
            let kept = |hash: &String| hash.parse().is_ok_and(|hash| self.has_object(&hash));
            if !record.contents().all(kept) {
                return Ok(None);
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

    /// Keeps what a task wrote.
    pub(crate) fn put_log(&self, text: String) -> Result<Written, TaskError> {
        if text.len() <= SHORT {
            return Ok(Written::Text(text));
        }
        let (hash, _) = self.put_object(text.as_bytes())?;
        Ok(Written::Hash(hash.to_string()))
    }

    /// What a task wrote; nothing where it is not what was kept.
    #[must_use]
    pub fn log(&self, written: &Written) -> Option<String> {
        match written {
            Written::Text(text) => Some(text.clone()),
            Written::Hash(hash) => {
                let bytes = self.object_bytes(&hash.parse().ok()?, LARGE)?;
                Some(String::from_utf8_lossy(&bytes).into_owned())
            }
        }
    }
}

/// Reads a record behind the hash of its text.
fn read(content: &[u8]) -> Option<Record> {
    let (hash, text) = content.split_at_checked(65)?;
    let same = blake3::hash(text).to_hex().as_bytes() == &hash[..64] && hash[64] == b'\n';
    same.then(|| serde_json::from_slice(text).ok())?
}
