//! The data directory: what lies where.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use trunkline_model::{Coded, ErrorCode, code};

/// The data directory cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the data directory {} cannot be made", .0.display())]
pub struct DataDirError(PathBuf, #[source] io::Error);

impl Coded for DataDirError {
    fn code(&self) -> &'static ErrorCode {
        &code::CLI_DATA_DIR
    }
}

/// The folder that holds everything a platform keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// The folder at `path`, which need not be there.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where a platform keeps its data when nobody says otherwise: `$XDG_DATA_HOME/trunkline`, else `~/.local/share/trunkline`; nothing
    /// where neither `XDG_DATA_HOME` nor `HOME` is set.
    #[must_use]
    pub fn default_place() -> Option<Self> {
        let set = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        set("XDG_DATA_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".local/share")))
            .map(|base| Self(base.join("trunkline")))
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The configuration file that is read when no other is named.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.0.join("trunkline.toml")
    }

    /// The event log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// The Delta tables, where they lie on the local disk.
    #[must_use]
    pub fn lake(&self) -> PathBuf {
        self.0.join("lake")
    }

    /// What statements spill; emptied at each start.
    #[must_use]
    pub fn spill(&self) -> PathBuf {
        self.0.join("spill")
    }

    /// What runs of services, and the files of their releases.
    #[must_use]
    pub fn run(&self) -> PathBuf {
        self.0.join("run")
    }

    /// The control state.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.0.join("control.db")
    }

    /// The team's files, where no other folder is configured.
    #[must_use]
    pub fn workspace(&self) -> PathBuf {
        self.0.join("workspace")
    }

    /// What is used of quotas at the gateway.
    #[must_use]
    pub fn quotas(&self) -> PathBuf {
        self.0.join("quotas.json")
    }

    /// The account at an ACME server and its certificate.
    #[must_use]
    pub fn acme(&self) -> PathBuf {
        self.0.join("acme")
    }

    /// Images for updates over the air.
    #[must_use]
    pub fn artifacts(&self) -> PathBuf {
        self.0.join("artifacts")
    }

    /// Repositories, the logs and results of tasks, and the checkouts that they run in.
    #[must_use]
    pub fn forge(&self) -> PathBuf {
        self.0.join("forge")
    }

    /// The owner token for programs of the same user on the same machine.
    #[must_use]
    pub fn local_token(&self) -> PathBuf {
        self.0.join("local.token")
    }

    /// Makes the folder so that only this user may look into it.
    ///
    /// # Errors
    /// [`DataDirError`] when it cannot be made.
    pub fn create(&self) -> Result<(), DataDirError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .map_err(|error| DataDirError(self.0.clone(), error))
    }

    /// Writes the owner token for local programs, readable by this user alone.
    ///
    /// # Errors
    /// An [`io::Error`] when it cannot be written.
    pub fn write_local_token(&self, token: &str) -> io::Result<()> {
        write_private(&self.local_token(), &format!("{token}\n"))
    }

    /// The owner token for local programs, if there is one that this user may read.
    #[must_use]
    pub fn read_local_token(&self) -> Option<String> {
        let text = fs::read_to_string(self.local_token()).ok()?;
        let token = text.trim();
        (!token.is_empty()).then(|| token.to_owned())
    }
}

/// Writes a file that this user alone may read. It is there as a whole or not at all, and durable when this returns.
///
/// # Errors
/// An [`io::Error`] when it cannot be written.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    // One that was left behind keeps its mode when it is opened.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_token_is_private_even_where_a_file_lay() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("deep/data"));
        data.create().unwrap();
        fs::write(data.local_token(), "old and much longer").unwrap();
        fs::set_permissions(data.local_token(), fs::Permissions::from_mode(0o644)).unwrap();
        data.write_local_token("tl_x").unwrap();
        assert_eq!(data.read_local_token().as_deref(), Some("tl_x"));
        let mode = fs::metadata(data.local_token())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
