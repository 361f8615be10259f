//! Refs: listing them, and moving them by compare-and-swap.

use std::fmt::Write as _;

use gix::ObjectId;
use serde::Serialize;

use crate::{Bare, RepositoryError, check_ref_name, git};

/// Refs that only the platform needs, which are never shown to a client.
pub(crate) const HIDDEN: &str = "refs/queue/";

/// A ref.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ref {
    /// Its whole name, such as `refs/heads/trunk`.
    pub name: String,
    /// The object that it names.
    #[serde(serialize_with = "crate::commit::text")]
    pub id: ObjectId,
    /// What a tag that is an object stands for.
    #[serde(skip)]
    pub peeled: Option<ObjectId>,
}

/// What becomes of one ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// Its whole name.
    pub name: String,
    /// Where it must be now; nothing where it must not be there.
    pub old: Option<ObjectId>,
    /// Where it will be; nothing where it goes away.
    pub new: Option<ObjectId>,
}

impl Bare {
    /// All refs that a client may see and whose name begins with one of `prefixes`, in the order of their names; all where there is no
    /// prefix.
    ///
    /// # Errors
    /// [`RepositoryError::Io`] where they cannot be read.
    pub fn refs(&self, prefixes: &[&str]) -> Result<Vec<Ref>, RepositoryError> {
        let repository = self.local();
        let platform = repository.references().map_err(RepositoryError::io)?;
        let all = platform.all().map_err(RepositoryError::io)?;
        let mut refs = Vec::new();
        for reference in all {
            let mut reference = reference.map_err(RepositoryError::io)?;
            let name = reference.name().as_bstr().to_string();
            let wanted = prefixes.is_empty() || prefixes.iter().any(|one| name.starts_with(one));
            if !wanted || name.starts_with(HIDDEN) {
                continue;
            }
            let Some(id) = reference.try_id().map(gix::Id::detach) else {
                continue;
            };
            let peeled = reference
                .peel_to_id()
                .map_err(RepositoryError::io)?
                .detach();
            refs.push(Ref {
                name,
                id,
                peeled: (peeled != id).then_some(peeled),
            });
        }
        refs.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(refs)
    }

    /// The object that the ref with the whole name `name` names; nothing where there is no such ref.
    ///
    /// # Errors
    /// [`RepositoryError::Io`] where it cannot be read.
    pub fn find_ref(&self, name: &str) -> Result<Option<ObjectId>, RepositoryError> {
        check_ref_name(name)?;
        let repository = self.local();
        let reference = repository
            .try_find_reference(name)
            .map_err(RepositoryError::io)?;
        Ok(reference.and_then(|one| one.try_id().map(gix::Id::detach)))
    }

    /// The commit at the end of the trunk; nothing where nothing was pushed yet.
    ///
    /// # Errors
    /// [`RepositoryError::Io`] where it cannot be read.
    pub fn trunk_tip(&self) -> Result<Option<ObjectId>, RepositoryError> {
        self.find_ref(&self.trunk_ref())
    }

    /// Moves refs, all of them or none, and only from where they are said to be.
    ///
    /// # Errors
    /// [`RepositoryError::Ref`] where one is elsewhere by now.
    pub async fn update(&self, updates: &[RefUpdate]) -> Result<(), RepositoryError> {
        let mut script = String::from("start\0");
        for update in updates {
            check_ref_name(&update.name)?;
            let none = ObjectId::null(gix::hash::Kind::Sha1);
            let (old, new) = (update.old.unwrap_or(none), update.new.unwrap_or(none));
            // Writing to a text cannot fail.
            let _infallible = match update.new {
                Some(_) => write!(script, "update {}\0{new}\0{old}\0", update.name),
                None => write!(script, "delete {}\0{old}\0", update.name),
            };
        }
        script.push_str("prepare\0commit\0");
        let mut command = self.git([]);
        command.args(["update-ref", "--no-deref", "--stdin", "-z"]);
        let output = git::run(command, script.as_bytes(), self.limits().time).await?;
        if output.status.success() {
            return Ok(());
        }
        let problem = git::complaint(&output.stderr);
        let name = updates
            .iter()
            .map(|update| &update.name)
            .find(|name| problem.contains(name.as_str()));
        Err(RepositoryError::Ref {
            name: name
                .or(updates.first().map(|one| &one.name))
                .cloned()
                .unwrap_or_default(),
            problem,
        })
    }
}
