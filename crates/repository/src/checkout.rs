//! Putting the files of a commit into a folder.

use std::path::Path;

use gix::ObjectId;

use crate::{Bare, RepositoryError, git};

impl Bare {
    /// Makes the folder `folder` have the files of `commit` and nothing else but what is in `kept`, which are paths from the root of the commit.
    /// Files that are as they should be are not touched, so what looks at their times sees that they are. What was there is remembered in
    /// the file `index`, which belongs to the folder.
    ///
    /// # Errors
    /// [`RepositoryError`] where there is no such commit, or the folder cannot be written.
    pub async fn checkout(
        &self,
        commit: ObjectId,
        folder: &Path,
        index: &Path,
        kept: &[String],
    ) -> Result<(), RepositoryError> {
        std::fs::create_dir_all(folder).map_err(RepositoryError::io)?;
        let commit = commit.to_string();
        let steps: [&[&str]; 2] = [
            &["read-tree", "--reset", "-u", &commit],
            // What a task changed of it is put right.
            &["checkout-index", "--force", "--all", "--quiet", "-u"],
        ];
        for step in steps {
            self.in_folder(folder, index, step).await?;
        }
        let mut clean = vec!["clean", "-ffdxq"];
        let patterns: Vec<_> = kept
            .iter()
            .map(|path| format!("--exclude=/{}", path.trim_matches('/')))
            .collect();
        clean.extend(patterns.iter().map(String::as_str));
        self.in_folder(folder, index, &clean).await
    }

    async fn in_folder(
        &self,
        folder: &Path,
        index: &Path,
        arguments: &[&str],
    ) -> Result<(), RepositoryError> {
        let mut command = self.git(["core.bare=false", "core.fsync=none"]);
        command
            .arg("--work-tree")
            .arg(folder)
            .env("GIT_INDEX_FILE", index)
            .args(arguments)
            .current_dir(folder);
        let output = git::run(command, &[], self.limits().time).await?;
        if output.status.success() {
            return Ok(());
        }
        Err(RepositoryError::Git(git::complaint(&output.stderr)))
    }
}
