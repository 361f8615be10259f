//! What runs of tasks write.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use trunkline_repository::RepositoryError;

use crate::{ForgeError, Lines};

/// Bytes of a log that one answer has.
const PIECE: u64 = 1 << 20;

/// The folder of logs.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    folder: PathBuf,
    most: u64,
}

/// A log that is written.
#[derive(Debug)]
pub(crate) struct Log(Mutex<Option<Writing>>);

#[derive(Debug)]
struct Writing {
    file: File,
    left: u64,
}

/// A piece of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPiece {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Where the next piece begins.
    pub next: u64,
}

impl Logs {
    pub(crate) fn open(folder: PathBuf, most: u64) -> Result<Self, ForgeError> {
        std::fs::create_dir_all(&folder).map_err(|error| wrong(&error))?;
        Ok(Self { folder, most })
    }

    fn path(&self, run: &str) -> PathBuf {
        self.folder.join(format!("{run}.log"))
    }

    /// Begins the log of a run.
    pub(crate) fn begin(&self, run: &str) -> Log {
        let file = File::create(self.path(run));
        if let Err(error) = &file {
            tracing::warn!(run, %error, "a log cannot be written");
        }
        Log(Mutex::new(file.ok().map(|file| Writing {
            file,
            left: self.most,
        })))
    }

    /// A piece of the log of a run that begins at `from`.
    pub(crate) fn read(&self, run: &str, from: u64) -> Result<LogPiece, ForgeError> {
        // An id that is no id names no file.
        let known = run
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let unknown = || ForgeError::Unknown(format!("log of `{run}`"));
        if !known {
            return Err(unknown());
        }
        let mut file = File::open(self.path(run)).map_err(|_| unknown())?;
        file.seek(SeekFrom::Start(from))
            .map_err(|error| wrong(&error))?;
        let mut content = Vec::new();
        file.take(PIECE)
            .read_to_end(&mut content)
            .map_err(|error| wrong(&error))?;
        Ok(LogPiece {
            next: from + content.len() as u64,
            content,
        })
    }

    /// Removes the log of a run.
    pub(crate) fn remove(&self, run: &str) {
        if let Err(error) = std::fs::remove_file(self.path(run))
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(run, %error, "a log cannot be removed");
        }
    }
}

impl Lines for Log {
    fn line(&self, line: &str) {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(to) = writing.as_mut() else {
            return;
        };
        let length = line.len() as u64 + 1;
        let fits = length <= to.left;
        let text = if fits {
            to.left -= length;
            format!("{line}\n")
        } else {
            "... the rest is left out: the log is at its limit\n".to_owned()
        };
        // A full disk costs lines, not the run.
        if to.file.write_all(text.as_bytes()).is_err() || !fits {
            *writing = None;
        }
    }
}

fn wrong(error: &std::io::Error) -> ForgeError {
    ForgeError::Repository(RepositoryError::Io(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_in_pieces_and_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::open(folder.path().join("logs"), 20).unwrap();
        let log = logs.begin("run_1");
        log.line("one");
        log.line("two");
        assert_eq!(logs.read("run_1", 0).unwrap().content, b"one\ntwo\n");
        assert_eq!(
            logs.read("run_1", 4).unwrap(),
            LogPiece {
                content: b"two\n".to_vec(),
                next: 8
            }
        );
        log.line("a line that is too long");
        log.line("x");
        let text = String::from_utf8(logs.read("run_1", 8).unwrap().content).unwrap();
        assert_eq!(text, "... the rest is left out: the log is at its limit\n");
        logs.remove("run_1");
        assert!(logs.read("run_1", 0).is_err());
        assert!(logs.read("../x", 0).is_err());
    }
}
