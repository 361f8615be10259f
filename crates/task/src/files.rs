//! A state of all files of a repository.

use std::collections::BTreeMap;
use std::fmt;

use gix::ObjectId;
use trunkline_project::{Finding, Graph, Manifest, is_manifest};

use crate::TaskError;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileMode {
    /// A file.
    Plain,
    /// A file that can be run.
    Program,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

impl FileMode {
    /// Whether it has a content of its own: a link leads to something that no key has.
    pub(crate) const fn is_file(self) -> bool {
        matches!(self, Self::Plain | Self::Program)
    }

    /// How a key has it.
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Program => 1,
            Self::Link => 2,
            Self::Submodule => 3,
        }
    }
}

/// One file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// What it is.
    pub mode: FileMode,
    /// The id of its content, as git names it.
    pub id: ObjectId,
}

/// A state of all files: a commit, or a checkout with what was changed in it.
pub trait Files: fmt::Debug {
    /// All files by their paths from the root.
    fn all(&self) -> &BTreeMap<String, FileEntry>;

    /// The content of the file at `path`; nothing where there is none.
    ///
    /// # Errors
    /// [`TaskError::Files`] where it cannot be read, or is larger than a file that describes something may be.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TaskError>;
}

/// A path as a text. Bytes that are none stand as `\xNN`, so that a change of such a file changes something.
pub(crate) fn text_of(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// Bytes of a file that is read to know what there is to do; a lockfile is the largest of them.
pub(crate) const LARGE: u64 = 32 << 20;

/// Bytes of a manifest above which it is not read.
const MANIFEST: usize = 1 << 20;

/// The projects of a state of files.
///
/// # Errors
/// [`TaskError::Files`] where a manifest cannot be read; what cannot be understood of one is a finding of the graph.
pub fn graph_of(files: &dyn Files) -> Result<Graph, TaskError> {
    let mut manifests = Vec::new();
    for path in files.all().keys().filter(|path| is_manifest(path)) {
        let Some(bytes) = files.read(path)? else {
            continue;
        };
        manifests.push(if bytes.len() > MANIFEST {
            Err(Finding {
                path: path.clone(),
                line: None,
                problem: format!("it has more than {MANIFEST} bytes"),
            })
        } else {
            Manifest::read(path, &bytes)
        });
    }
    Ok(Graph::new(manifests))
}
