//! Named cursors: how far each consumer has come.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::files::{failed, replace};
use crate::{CursorState, LogError, Offset};

const NAME: &str = "cursors.json";

/// All cursors, in memory and in one small file that is replaced as a whole.
#[derive(Debug)]
pub(super) struct Cursors {
    path: PathBuf,
    known: Mutex<BTreeMap<String, CursorState>>,
    /// Held while the file is replaced, so that nobody who only looks at `known` waits for the disk.
    writing: Mutex<()>,
}

impl Cursors {
    /// Reads the cursors in `directory`. A file that cannot be understood is set aside; its new name comes back too.
    pub(super) fn open(directory: &Path) -> Result<(Self, Option<String>), LogError> {
        let path = directory.join(NAME);
        let mut set_aside = None;
        let states: Vec<CursorState> = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed(format!("read {NAME}"))(error)),
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(states) => states,
                Err(_) => {
                    let aside = format!("{NAME}.damaged");
                    std::fs::rename(&path, directory.join(&aside))
                        .map_err(failed(format!("set {NAME} aside")))?;
                    set_aside = Some(aside);
                    Vec::new()
                }
            },
        };
        let known = states
            .into_iter()
            .map(|state| (state.name.clone(), state))
            .collect();
        let cursors = Self {
            path,
            known: Mutex::new(known),
            writing: Mutex::new(()),
        };
        Ok((cursors, set_aside))
    }

    /// All cursors by name.
    pub(super) fn all(&self) -> Vec<CursorState> {
        self.lock().values().cloned().collect()
    }

    /// The furthest of all cursors.
    pub(super) fn furthest(&self) -> u64 {
        self.lock()
            .values()
            .map(|state| state.offset.0)
            .max()
            .unwrap_or(0)
    }

    /// The offset that retention must not pass; none when nothing is archived yet.
    pub(super) fn archived(&self) -> Option<u64> {
        self.lock()
            .values()
            .filter(|state| state.archiving)
            .map(|state| state.offset.0)
            .min()
    }

    /// Moves a cursor forward, or makes it. Blocks until it is durable.
    pub(super) fn commit(
        &self,
        name: &str,
        offset: Offset,
        archiving: bool,
    ) -> Result<(), LogError> {
        self.change(|cursors| {
            let before = cursors.get(name).map(|state| state.offset);
            let state = CursorState {
                name: name.to_owned(),
                offset: before.map_or(offset, |before| before.max(offset)),
                archiving,
            };
            cursors.insert(name.to_owned(), state);
        })
    }

    /// Removes a cursor. Blocks until it is durable.
    pub(super) fn forget(&self, name: &str) -> Result<(), LogError> {
        self.change(|cursors| {
            cursors.remove(name);
        })
    }

    /// Makes a change durable and then visible; retention must not see a cursor that a crash would move back.
    fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, CursorState>),
    ) -> Result<(), LogError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.lock().clone();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let states: Vec<_> = after.values().collect();
        serde_json::to_vec_pretty(&states)
            .map_err(io::Error::from)
            .and_then(|bytes| replace(&self.path, &bytes))
            .map_err(failed(format!("write {NAME}")))?;
        *self.lock() = after;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, CursorState>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
