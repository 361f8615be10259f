//! The history of a branch, a folder or a file.

use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use crate::{Bare, Commit, RepositoryError, commit, git};

/// Commits of one answer.
const MOST: u32 = 500;

impl Bare {
    /// At most `count` commits of the history of `revision`, the newest first, after leaving out `skip`; only those that touched `path` where it
    /// is not empty.
    ///
    /// # Errors
    /// [`RepositoryError::NotFound`] where there is no such commit.
    pub async fn history(
        &self,
        revision: &str,
        path: &str,
        skip: u32,
        count: u32,
    ) -> Result<Vec<Commit>, RepositoryError> {
        let tip = commit::resolve(&self.local(), revision)?;
        let mut command = self.git([]);
        command
            .args(["rev-list", "--topo-order"])
            .arg(format!("--max-count={}", count.min(MOST)))
            .arg(format!("--skip={skip}"))
            .arg(tip.to_string())
            .arg("--");
        command.env("GIT_LITERAL_PATHSPECS", "1");
        if !path.is_empty() {
            command.arg(git::plain(path)?);
        }
        let ids = git::ask(command, &[], self.limits().time).await?;
        let repository = self.local();
        ids.lines()
            .filter_map(|line| ObjectId::from_hex(line).ok())
            .map(|id| commit::read(&repository, id))
            .collect()
    }
}
