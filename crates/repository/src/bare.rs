//! A repository on the disk.

use std::fmt;
use std::path::{Path, PathBuf};

use gix::ThreadSafeRepository;

use crate::{Limits, RepositoryError, check_ref_name, git};

/// Memory for objects that are read again, in bytes, for each thread that reads.
const OBJECT_CACHE: usize = 8 << 20;

/// A bare repository. It is cheap to copy.
#[derive(Clone)]
pub struct Bare {
    path: PathBuf,
    trunk: String,
    limits: Limits,
    shared: ThreadSafeRepository,
}

impl fmt::Debug for Bare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bare")
            .field("path", &self.path)
            .field("trunk", &self.trunk)
            .finish_non_exhaustive()
    }
}

impl Bare {
    /// Makes an empty repository in the folder `path`, whose trunk will be the branch `trunk`, and opens it. A folder that is there already
    /// is opened.
    ///
    /// # Errors
    /// [`RepositoryError`] where git fails or `trunk` is no name of a branch.
    pub async fn create(path: &Path, trunk: &str, limits: Limits) -> Result<Self, RepositoryError> {
        check_ref_name(&format!("refs/heads/{trunk}"))?;
        let mut command = git::command(path, []);
        command
            .args(["init", "--quiet", "--bare", "--template="])
            .arg(format!("--initial-branch={trunk}"));
        git::ask(command, &[], limits.time).await?;
        Self::open(path, trunk, limits)
    }

    /// Opens the repository in the folder `path`.
    ///
    /// # Errors
    /// [`RepositoryError::Io`] where there is none.
    pub fn open(path: &Path, trunk: &str, limits: Limits) -> Result<Self, RepositoryError> {
        let options = gix::open::Options::isolated()
            .strict_config(false)
            .with(gix::sec::Trust::Full);
        let shared = options.open(path).map_err(RepositoryError::io)?;
        Ok(Self {
            path: path.to_owned(),
            trunk: trunk.to_owned(),
            limits,
            shared,
        })
    }

    /// The folder that it is in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of its trunk, such as `trunk`.
    #[must_use]
    pub fn trunk(&self) -> &str {
        &self.trunk
    }

    /// The whole name of the ref of its trunk, such as `refs/heads/trunk`.
    #[must_use]
    pub fn trunk_ref(&self) -> String {
        format!("refs/heads/{}", self.trunk)
    }

    /// What it takes at once.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The repository for one thread. What was written since is seen.
    pub(crate) fn local(&self) -> gix::Repository {
        let mut repository = self.shared.to_thread_local();
        repository.object_cache_size_if_unset(OBJECT_CACHE);
        repository
    }

    /// A git in it.
    pub(crate) fn git<'a>(
        &self,
        settings: impl IntoIterator<Item = &'a str>,
    ) -> tokio::process::Command {
        git::command(&self.path, settings)
    }
}
