//! A commit in the shape of the table `commits`.

use serde::{Deserialize, Serialize};
use serde_json::Map;
use trunkline_model::{Event, SPEC_VERSION, Timestamp};

use crate::error::IngestError;
use crate::kind::COMMIT_TYPE;

/// A commit and the files that it changed, compared with its first parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitCommit {
    /// The repository's name.
    pub repository: String,
    /// The commit, in hex.
    pub hash: String,
    /// Its parents, in hex.
    pub parents: Vec<String>,
    /// Who wrote it.
    pub author: String,
    /// The author's address.
    pub author_email: String,
    /// Who committed it.
    pub committer: String,
    /// When it was written.
    pub authored: Timestamp,
    /// When it was committed.
    #[serde(skip)]
    pub committed: Timestamp,
    /// The message's first line.
    pub title: String,
    /// The rest of the message.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub message: String,
    /// The changed files.
    pub files: Vec<FileChange>,
    /// How many files changed.
    pub files_changed: u64,
    /// Lines added in all files.
    pub insertions: u64,
    /// Lines removed in all files.
    pub deletions: u64,
}

/// A file that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Where the file is, or was where it is gone.
    pub path: String,
    /// `added`, `modified`, `deleted`, `renamed` or `copied`.
    pub change: String,
    /// Where a renamed or copied file came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// Lines added; absent for a binary file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub insertions: Option<u64>,
    /// Lines removed; absent for a binary file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deletions: Option<u64>,
}

impl GitCommit {
    /// The commit as a CloudEvent.
    ///
    /// # Errors
    /// [`IngestError::Unwritable`] when it cannot be written as JSON.
    pub fn to_event(&self) -> Result<Event, IngestError> {
        Ok(Event {
            specversion: SPEC_VERSION.into(),
            id: self.hash.clone(),
            source: format!("/git/{}", self.repository),
            kind: COMMIT_TYPE.into(),
            subject: None,
            time: Some(self.committed),
            datacontenttype: None,
            dataschema: None,
            correlationid: None,
            causationid: None,
            data: Some(serde_json::value::to_raw_value(self)?),
            data_base64: None,
            extensions: Map::new(),
        })
    }
}
