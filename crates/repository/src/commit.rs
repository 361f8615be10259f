//! Commits.

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice as _};
use serde::{Serialize, Serializer};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

use crate::{Bare, RepositoryError};

/// Who wrote or committed something, as the commit has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Commit {
    /// Its id, as 40 hexadecimal digits.
    #[serde(serialize_with = "text")]
    #[schema(value_type = String)]
    pub id: ObjectId,
    /// The state of all files.
    #[serde(skip)]
    pub tree: ObjectId,
    /// The commits that it stands on.
    #[serde(serialize_with = "texts")]
    #[schema(value_type = Vec<String>)]
    pub parents: Vec<ObjectId>,
    /// Who wrote it.
    pub author: Signature,
    /// Who committed it.
    pub committer: Signature,
    /// The first line of its message.
    pub subject: String,
    /// The rest of its message.
    pub body: String,
}

pub(crate) fn text<S: Serializer>(id: &ObjectId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn texts<S: Serializer>(ids: &[ObjectId], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ids.iter().map(ToString::to_string))
}

impl Bare {
    /// The commit that `revision` names: a branch, a tag, the whole name of a ref, or an id.
    ///
    /// # Errors
    /// [`RepositoryError::NotFound`] where it names none.
    pub fn commit(&self, revision: &str) -> Result<Commit, RepositoryError> {
        let repository = self.local();
        let id = resolve(&repository, revision)?;
        read(&repository, id)
    }

    /// The commit with this id.
    ///
    /// # Errors
    /// [`RepositoryError::NotFound`] where there is none.
    pub fn commit_of(&self, id: ObjectId) -> Result<Commit, RepositoryError> {
        read(&self.local(), id)
    }

    /// Whether the commit `ancestor` is in the history of `commit`, or is the same.
    ///
    /// # Errors
    /// [`RepositoryError::Io`] where the history cannot be read.
    pub fn is_ancestor(
        &self,
        ancestor: ObjectId,
        commit: ObjectId,
    ) -> Result<bool, RepositoryError> {
        if ancestor == commit {
            return Ok(true);
        }
        let repository = self.local();
        let base = repository.merge_base(ancestor, commit);
        let base = base.map_err(RepositoryError::io)?;
        Ok(base.is_some_and(|base| base == ancestor))
    }
}

/// The commit that `revision` names.
pub(crate) fn resolve(
    repository: &gix::Repository,
    revision: &str,
) -> Result<ObjectId, RepositoryError> {
    let missing = || RepositoryError::NotFound(format!("commit `{revision}`"));
    let id = repository
        .rev_parse_single(revision)
        .map_err(|_| missing())?;
    let object = id.object().map_err(|_| missing())?;
    let commit = object.peel_to_commit().map_err(|_| missing())?;
    Ok(commit.id)
}

pub(crate) fn read(repository: &gix::Repository, id: ObjectId) -> Result<Commit, RepositoryError> {
    let missing = || RepositoryError::NotFound(format!("commit `{id}`"));
    let object = repository.find_object(id).map_err(|_| missing())?;
    let commit = object.try_into_commit().map_err(|_| missing())?;
    let decoded = commit.decode().map_err(RepositoryError::io)?;
    let message = decoded.message.to_str_lossy();
    let (subject, body) = message.split_once('\n').unwrap_or((&message, ""));
    Ok(Commit {
        id,
        tree: decoded.tree(),
        parents: decoded.parents().collect(),
        author: person(decoded.author().map_err(RepositoryError::io)?),
        committer: person(decoded.committer().map_err(RepositoryError::io)?),
        subject: subject.trim().to_owned(),
        body: body.trim().to_owned(),
    })
}

fn person(signature: gix::actor::SignatureRef<'_>) -> Signature {
    let whole = |text: &BStr| text.to_str_lossy().into_owned();
    // A time that cannot be read is as good as none.
    let seconds = signature.time().map_or(0, |time| time.seconds);
    Signature {
        name: whole(signature.name),
        email: whole(signature.email),
        time: Timestamp::from_micros(seconds.saturating_mul(1_000_000)),
    }
}
