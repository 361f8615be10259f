//! The trunk that is proposed to.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use trunkline_model::code;

use super::git::{Git, not_run};
use super::propose::Mode;
use super::pushed::Pushed;
use crate::Failure;

/// Remotes that are taken where none is named, the first that there is.
const REMOTES: &[&str] = &["trunk", "origin"];

/// The trunk of a remote, as it was fetched, beside a checkout.
#[derive(Debug)]
pub struct Trunk {
    git: Git,
    root: PathBuf,
    remote: String,
    branch: String,
    tip: String,
}

impl Trunk {
    /// Fetches the trunk of `remote` into the checkout that `place` lies in, which has to have no change that is not committed. Without a
    /// name it is the remote `trunk`, else `origin`.
    ///
    /// # Errors
    /// TL-CLI-006 where the checkout has changes, TL-CLI-007 where there is no such remote or it has no trunk, TL-CLI-009 where git fails.
    pub fn fetch(place: &Path, remote: Option<&str>) -> Result<Self, Failure> {
        let git = Git::new(place);
        let root = PathBuf::from(git.ask(&["rev-parse", "--show-toplevel"])?);
        let git = Git::new(&root);
        require_clean(&git)?;
        let remote = choose(&git, remote)?;
        // The branch that a clone would check out is the trunk.
        let head = git.ask(&["ls-remote", "--symref", "--", &remote, "HEAD"])?;
        let Some((branch, tip)) = trunk_of(&head) else {
            let what = format!("the remote `{remote}` has no trunk yet");
            let hint = format!("begin it with `git push {remote} HEAD:trunk`");
            return Err(Failure::new(&code::CLI_NO_REMOTE, what).hint(hint));
        };
        git.ask(&[
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            // Not even the names that the remote is configured to have here.
            "--refmap=",
            "--",
            &remote,
            &format!("refs/heads/{branch}"),
        ])?;
        Ok(Self {
            git,
            root,
            branch: branch.to_owned(),
            tip: tip.to_owned(),
            remote,
        })
    }

    /// The root of the checkout.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The name of the remote.
    #[must_use]
    pub fn remote(&self) -> &str {
        &self.remote
    }

    /// The name of the branch.
    #[must_use]
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// The commit that is its tip.
    #[must_use]
    pub fn tip(&self) -> &str {
        &self.tip
    }

    /// The `Change-Id` of what the person whose commits these are proposes for `purpose`. While one is open, another attempt is its next
    /// revision.
    ///
    /// # Errors
    /// TL-CLI-009 where git does not know who the person is.
    pub(super) fn identity(&self, purpose: &str) -> Result<String, Failure> {
        let author = self.git.ask(&["var", "GIT_AUTHOR_IDENT"])?;
        let address = author.rsplit_once('>').map_or(&*author, |(who, _)| who);
        let address = address.rsplit_once('<').map_or(address, |(_, rest)| rest);
        let text = format!("{purpose} {address}\n");
        let hash = self
            .git
            .ask_with(&["hash-object", "--stdin"], text.as_bytes())?;
        Ok(format!("I{hash}"))
    }

    /// Makes a commit on the tip in which each of `files`, which the tip has, has the bytes given. It is signed where the person's
    /// commits are. The checkout does not change.
    ///
    /// # Errors
    /// TL-CLI-009 where git fails.
    pub(super) fn commit(&self, files: &[(&str, &[u8])], message: &str) -> Result<String, Failure> {
        let index = Index::beside(&self.git, &self.root)?;
        let git = self.git.with_index(&index.0);
        git.ask(&["read-tree", &self.tip])?;
        for (path, bytes) in files {
            let listed = git.ask(&["ls-files", "--stage", "-z", "--", &literal(path)])?;
            let mode = listed.split(' ').next().unwrap_or_default();
            let blob = git.ask_with(&["hash-object", "-w", "--stdin"], bytes)?;
            let entry = format!("{mode},{blob},{path}");
            git.ask(&["update-index", "--cacheinfo", &entry])?;
        }
        let tree = git.ask(&["write-tree"])?;
        self.commit_tree(&tree, message)
    }

    /// Makes a commit of a tree on the tip.
    pub(super) fn commit_tree(&self, tree: &str, message: &str) -> Result<String, Failure> {
        let git = &self.git;
        let mut arguments = vec!["commit-tree", tree, "-p", &self.tip, "-F", "-"];
        let signs = git.try_ask(&["config", "--type=bool", "commit.gpgsign"]);
        if signs.as_deref() == Some("true") {
            arguments.push("-S");
        }
        git.ask_with(&arguments, message.as_bytes())
    }

    /// The files that a commit changes in the tip.
    pub(super) fn changed(&self, commit: &str) -> Result<Vec<String>, Failure> {
        let diff = ["diff-tree", "-r", "-z", "--name-only", &self.tip, commit];
        let names = self.git.ask(&diff)?;
        let names = names.split('\0').filter(|name| !name.is_empty());
        Ok(names.map(str::to_owned).collect())
    }

    pub(super) const fn git(&self) -> &Git {
        &self.git
    }

    /// Pushes a commit to the landing queue and waits for what becomes of it, while git tells the terminal.
    ///
    /// # Errors
    /// TL-CLI-009 where it came to no answer.
    pub(super) fn push(&self, commit: &str, mode: Mode) -> Result<Pushed, Failure> {
        let to = format!("{commit}:refs/for/{}", self.branch);
        let mut command = self.git.command(&["push", "--porcelain"]);
        // Whatever else the person's pushes take with them is no part of the change.
        command.args(["--no-follow-tags", "--no-recurse-submodules"]);
        command
            .args(["-o", mode.as_str(), "--", &self.remote, &to])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        // What git and the platform say meanwhile goes to stderr, which is the person's.
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| not_run(&error))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        match Pushed::read(&printed, &self.branch) {
            Some(Pushed::Refused(reason)) => Ok(Pushed::Refused(reason)),
            Some(pushed) if output.status.success() => Ok(pushed),
            _ => Err(Failure::new(&code::CLI_GIT, "git push failed")),
        }
    }

    /// Keeps a commit under a name of its own, so that git does not throw it away.
    ///
    /// # Errors
    /// TL-CLI-009 where git fails.
    pub(super) fn keep(&self, commit: &str, name: &str) -> Result<(), Failure> {
        self.git.ask(&["update-ref", name, commit])?;
        Ok(())
    }

    /// Lets a kept commit go, where there is one.
    pub(super) fn let_go(&self, name: &str) {
        // One that stays is in nobody's way, and the next takes its name.
        let _gone = self.git.try_ask(&["update-ref", "-d", name]);
    }
}

/// A path that means itself, whatever letters are in it.
fn literal(path: &str) -> String {
    format!(":(top,literal){path}")
}

fn require_clean(git: &Git) -> Result<(), Failure> {
    let changed = git.ask(&["status", "--porcelain", "--untracked-files=no"])?;
    let Some(first) = changed.lines().next() else {
        return Ok(());
    };
    let first = first.get(3..).unwrap_or(first);
    let what = match changed.lines().count() - 1 {
        0 => format!("{first} has changes that are not committed"),
        more => format!("{first} and {more} more have changes that are not committed"),
    };
    Err(Failure::new(&code::CLI_UNCOMMITTED, what))
}

fn choose(git: &Git, named: Option<&str>) -> Result<String, Failure> {
    let all = git.ask(&["remote"])?;
    let has = |name: &&str| all.lines().any(|one| one == *name);
    let (found, what) = match named {
        Some(name) => (
            Some(name).filter(has),
            format!("the checkout has no remote `{name}`"),
        ),
        None => (
            REMOTES.iter().copied().find(has),
            "the checkout has neither a remote `trunk` nor `origin`".to_owned(),
        ),
    };
    let missing = || Failure::new(&code::CLI_NO_REMOTE, what);
    found.map(str::to_owned).ok_or_else(missing)
}

/// The branch and the commit that `git ls-remote --symref <remote> HEAD` names.
fn trunk_of(answer: &str) -> Option<(&str, &str)> {
    let lines = || answer.lines().filter_map(|line| line.split_once('\t'));
    let head = || lines().filter(|(_, name)| *name == "HEAD");
    let branch = head().find_map(|(value, _)| value.strip_prefix("ref: refs/heads/"))?;
    let (tip, _) = head().find(|(value, _)| !value.starts_with("ref: "))?;
    Some((branch, tip))
}

/// An index that goes away with the work that is done in it.
struct Index(PathBuf);

impl Index {
    fn beside(git: &Git, root: &Path) -> Result<Self, Failure> {
        let name = format!("trunkline-index-{}", std::process::id());
        let path = git.ask(&["rev-parse", "--git-path", &name])?;
        Ok(Self(root.join(path)))
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // Where it was never made there is nothing to remove.
        let _gone = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trunk_is_what_a_clone_checks_out() {
        let answer = "ref: refs/heads/main\tHEAD\n1234\tHEAD\n1234\trefs/remotes/x/HEAD\n";
        assert_eq!(trunk_of(answer), Some(("main", "1234")));
        assert_eq!(trunk_of("ref: refs/heads/main\tHEAD\n"), None);
        assert_eq!(trunk_of(""), None);
    }
}
