//! Putting commits onto another one.

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice as _};

use crate::{Bare, Commit, RepositoryError, git};

/// Commits that one stack may have.
const STACK: usize = 100;

/// Commits that were put onto another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebased {
    /// The last of them.
    pub tip: ObjectId,
    /// The state of all files with all of them.
    pub tree: ObjectId,
    /// Each commit, and what it became.
    pub commits: Vec<(ObjectId, ObjectId)>,
}

impl Bare {
    /// The commits that `tip` has and `trunk` does not, the first of them first.
    ///
    /// # Errors
    /// [`RepositoryError::Pack`] where a merge is among them, [`RepositoryError::Limit`] where they are more than 100.
    pub fn stack(
        &self,
        trunk: Option<ObjectId>,
        tip: ObjectId,
    ) -> Result<Vec<Commit>, RepositoryError> {
        let repository = self.local();
        let base = match trunk {
            Some(trunk) => repository
                .merge_base(trunk, tip)
                .map_err(RepositoryError::io)?,
            None => None,
        };
        let base = base.map(gix::Id::detach);
        if trunk.is_some() && base.is_none() {
            let problem = "it has no commit in common with the trunk";
            return Err(RepositoryError::Pack(problem.to_owned()));
        }
        let mut stack = Vec::new();
        let mut next = Some(tip).filter(|tip| Some(*tip) != base);
        while let Some(id) = next {
            if stack.len() == STACK {
                return Err(RepositoryError::Limit(format!(
                    "a stack has more than {STACK} commits"
                )));
            }
            let commit = crate::commit::read(&repository, id)?;
            if commit.parents.len() > 1 {
                return Err(RepositoryError::Pack(format!(
                    "{} is a merge: rebase onto the trunk in its place",
                    &id.to_string()[..10]
                )));
            }
            next = commit
                .parents
                .first()
                .copied()
                .filter(|parent| Some(*parent) != base);
            stack.push(commit);
        }
        stack.reverse();
        Ok(stack)
    }

    /// Puts `commits`, each of which stands on the one before it, onto `onto`. Where they stand there already nothing is made; else each is
    /// merged as git merges, and keeps its author, its message and its identity.
    ///
    /// # Errors
    /// [`RepositoryError::Conflict`] where one does not fit.
    pub async fn rebase(
        &self,
        commits: &[Commit],
        onto: Option<ObjectId>,
    ) -> Result<Rebased, RepositoryError> {
        let mut tip = onto;
        let mut tree = None;
        let mut made = Vec::with_capacity(commits.len());
        for commit in commits {
            let parent = commit.parents.first().copied();
            let (id, its_tree) = match tip {
                _ if parent == tip => (commit.id, commit.tree),
                Some(onto) => self.pick(commit, onto).await?,
                None => (commit.id, commit.tree),
            };
            made.push((commit.id, id));
            (tip, tree) = (Some(id), Some(its_tree));
        }
        match (tip, tree) {
            (Some(tip), Some(tree)) => Ok(Rebased {
                tip,
                tree,
                commits: made,
            }),
            _ => Err(RepositoryError::NotFound(
                "commit to put anywhere".to_owned(),
            )),
        }
    }

    async fn pick(
        &self,
        commit: &Commit,
        onto: ObjectId,
    ) -> Result<(ObjectId, ObjectId), RepositoryError> {
        let empty = ObjectId::empty_tree(gix::hash::Kind::Sha1);
        let base = commit.parents.first().copied().unwrap_or(empty);
        let mut command = self.git(["merge.conflictStyle=merge"]);
        command
            .args([
                "merge-tree",
                "--write-tree",
                "--name-only",
                "--no-messages",
                "-z",
            ])
            .arg(format!("--merge-base={base}"))
            .args([onto.to_string(), commit.id.to_string()]);
        let output = git::run(command, &[], self.limits().time).await?;
        let mut parts = output
            .stdout
            .split(|byte| *byte == 0)
            .filter(|part| !part.is_empty());
        let tree = parts
            .next()
            .and_then(|id| ObjectId::from_hex(id.trim()).ok());
        match (output.status.code(), tree) {
            (Some(0), Some(tree)) => Ok((self.copy(commit, onto, tree).await?, tree)),
            (Some(1), Some(_)) => {
                let mut files: Vec<_> =
                    parts.map(|part| part.to_str_lossy().into_owned()).collect();
                files.sort_unstable();
                files.dedup();
                Err(RepositoryError::Conflict {
                    onto: onto.to_string()[..10].to_owned(),
                    files,
                })
            }
            _ => Err(RepositoryError::Git(git::complaint(&output.stderr))),
        }
    }

    /// Writes `commit` again with another parent and state of files. A signature would not hold any more and is left out.
    async fn copy(
        &self,
        commit: &Commit,
        parent: ObjectId,
        tree: ObjectId,
    ) -> Result<ObjectId, RepositoryError> {
        let text = {
            let repository = self.local();
            let object = repository
                .find_object(commit.id)
                .map_err(RepositoryError::io)?;
            let object = object.try_into_commit().map_err(RepositoryError::io)?;
            rewritten(&object.data, parent, tree)
        };
        let mut command = self.git([]);
        command.args(["hash-object", "-t", "commit", "-w", "--stdin"]);
        let id = git::ask(command, &text, self.limits().time).await?;
        ObjectId::from_hex(id.trim()).map_err(RepositoryError::io)
    }
}

/// A commit as git keeps it with another parent and tree, and without its signature.
fn rewritten(commit: &[u8], parent: ObjectId, tree: ObjectId) -> Vec<u8> {
    let end = commit.find(b"\n\n").unwrap_or(commit.len());
    let (head, message) = commit.split_at(end);
    let mut text = format!("tree {tree}\nparent {parent}\n").into_bytes();
    let mut within_signature = false;
    for line in head.lines_with_terminator() {
        // A header goes on for as long as lines begin with a space.
        if line.starts_with(b" ") && within_signature {
            continue;
        }
        within_signature = line.starts_with(b"gpgsig");
        let replaced = line.starts_with(b"tree ") || line.starts_with(b"parent ");
        if !within_signature && !replaced {
            text.extend_from_slice(line);
        }
    }
    let mut text = BString::from(text);
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    // The message stands behind an empty line, of which the split left both ends of lines.
    text.extend_from_slice(message.strip_prefix(b"\n").unwrap_or(message));
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_all_but_where_it_stands_and_its_signature() {
        let id = |digit: &str| ObjectId::from_hex(digit.repeat(40).as_bytes()).unwrap();
        let (old, new) = (id("1"), id("2"));
        let commit = format!(
            "tree {old}\nparent {old}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\ngpgsig -----BEGIN\n abc\n -----END\nchange-id zz\n\nsubject\n\nbody\n"
        );
        let text = String::from_utf8(rewritten(commit.as_bytes(), new, new)).unwrap();
        assert_eq!(
            text,
            format!(
                "tree {new}\nparent {new}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\nchange-id zz\n\nsubject\n\nbody\n"
            )
        );
    }
}
