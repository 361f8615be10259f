//! What only other tools can write: they work in a checkout of their own, which goes away again.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use trunkline_model::code;

use super::git::Git;
use super::trunk::Trunk;
use crate::Failure;

/// A command for a shell, and the folder to run it in as seen from the root.
pub type Tool = (String, String);

impl Trunk {
    /// The commit with what `tools` make of the files that it has. What else they leave behind is no part of it. What they say goes to stderr.
    ///
    /// # Errors
    /// TL-CLI-008 where one of them fails, TL-CLI-009 where git does.
    pub(super) fn with_tools(
        &self,
        commit: &str,
        tools: &[Tool],
        message: &str,
    ) -> Result<String, Failure> {
        let work = Work::of(self.git(), commit)?;
        for (folder, line) in tools {
            let ended = Command::new("sh")
                .args(["-c", line])
                .current_dir(work.folder.join("work").join(folder))
                .stdin(Stdio::null())
                .stdout(std::io::stderr())
                .status();
            let what = || {
                let what = format!("the change did not land: `{line}` failed");
                Failure::new(&code::CLI_NOT_TAKEN, what)
            };
            match ended {
                Ok(status) if status.success() => {}
                Ok(status) => return Err(what().because(&status)),
                Err(error) => return Err(what().because(&error)),
            }
        }
        let git = Git::new(&work.folder.join("work"));
        git.ask(&["add", "--update"])?;
        let tree = git.ask(&["write-tree"])?;
        self.commit_tree(&tree, message)
    }
}

/// A checkout of one commit in a folder that nobody else can read.
struct Work {
    git: Git,
    folder: PathBuf,
}

impl Work {
    fn of(git: &Git, commit: &str) -> Result<Self, Failure> {
        let name = format!("trunkline-{}-{commit}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let work = Self {
            git: git.clone(),
            folder,
        };
        let place = work.folder.join("work");
        let place = place.to_string_lossy();
        let add = ["worktree", "add", "--quiet", "--detach", &place, commit];
        let quiet = ["-c", "core.hooksPath=/dev/null"];
        git.ask(&[&quiet[..], &add[..]].concat())?;
        Ok(work)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What is left of it lies in the folder for temporary files, and git forgets it by itself.
        let place = self.folder.join("work");
        let remove = ["worktree", "remove", "--force", &place.to_string_lossy()];
        let _forgotten = self.git.try_ask(&remove);
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}
