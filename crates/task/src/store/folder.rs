//! The folder of a store.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::TaskError;

/// How much a store keeps.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of everything; what was used longest ago goes first.
    pub bytes: u64,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Files that one task may make.
    pub outputs: usize,
    /// Bytes of all files that one task makes.
    pub task_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 10 << 30,
            file_bytes: 4 << 30,
            outputs: 100_000,
            task_bytes: 4 << 30,
        }
    }
}

/// Whose results are read and written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// Those of the platform's own runs, which alone count as proof. Nothing is ever moved here from elsewhere.
    Trusted,
    /// Those of one person's runs, for that person alone, who reads the trusted ones too.
    User(String),
}

impl Namespace {
    /// The folder of its records: of a person a hash of the name, which may have any letters.
    pub(super) fn folder(&self) -> String {
        match self {
            Self::Trusted => "trusted".to_owned(),
            Self::User(name) => format!(
                "user-{}",
                &crate::key::hash(name.as_bytes()).to_string()[..32]
            ),
        }
    }
}

/// Results in a folder. It is cheap to copy, and several processes may use one folder at once.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) root: PathBuf,
    pub(super) limits: Limits,
    /// Bytes that are kept, as far as this process knows; counted when something is kept first.
    taken: Arc<OnceLock<AtomicU64>>,
    part: Arc<AtomicU64>,
}

impl Store {
    /// The store in the folder `root`, which is made where it is not there.
    ///
    /// # Errors
    /// [`TaskError::Store`] where the disk refuses.
    pub fn open(root: &Path, limits: Limits) -> Result<Self, TaskError> {
        for folder in ["objects", "records", "blobs", "parts"] {
            std::fs::create_dir_all(root.join(folder)).map_err(TaskError::store)?;
        }
        let store = Self {
            root: root.to_owned(),
            limits,
            taken: Arc::default(),
            part: Arc::default(),
        };
        store.forget_parts();
        Ok(store)
    }

    /// The folder that it is in.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How much it keeps.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Bytes that are kept.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.taken().load(Ordering::Relaxed)
    }

    pub(super) fn taken(&self) -> &AtomicU64 {
        self.taken.get_or_init(|| AtomicU64::new(self.measure()))
    }

    /// A name for something that is being written.
    pub(super) fn part(&self) -> PathBuf {
        let number = self.part.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        self.root.join("parts").join(format!("{process}-{number}"))
    }

    /// Removes what a crash left half written. What another process writes now is its own, and newer.
    fn forget_parts(&self) {
        let Ok(entries) = std::fs::read_dir(self.root.join("parts")) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let process = name.to_string_lossy();
            let process = process
                .split('-')
                .next()
                .and_then(|id| id.parse::<u32>().ok());
            let alive = process.is_some_and(|id| Path::new(&format!("/proc/{id}")).exists());
            if !alive {
                // What stays is removed the next time.
                let _stays = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Writes a file so that it is there as a whole or not at all, whoever is killed. It is not forced to the disk: that took most of the time of short
/// tasks, and what a power cut breaks is found out when it is read, and made again. Where the disk is full nothing is left of it.
pub(super) fn put(part: &Path, place: &Path, content: &[u8]) -> std::io::Result<()> {
    let write = || {
        let mut file = std::fs::File::create(part)?;
        file.write_all(content)?;
        settle(part, place)
    };
    let written = write();
    if written.is_err() {
        // Nobody names it.
        let _stays = std::fs::remove_file(part);
    }
    written
}

/// Gives a file that was written its name.
pub(super) fn settle(part: &Path, place: &Path) -> std::io::Result<()> {
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::rename(part, place)
}

/// The place of a name below `folder`: its first two letters are a folder, so that none has too many files.
pub(super) fn spread(folder: &Path, name: &str) -> PathBuf {
    let (first, rest) = name.split_at(2.min(name.len()));
    folder.join(first).join(rest)
}
