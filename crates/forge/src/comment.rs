//! What people say of changes and their lines.

use trunkline_repository::{Bare, RepositoryError};
use trunkline_store::outbox;

use crate::forge::reading;
use crate::{Change, Comment, Forge, ForgeError, NewComment, Side, store};

/// Bytes of a comment.
const TEXT: usize = 16 * 1024;
/// Comments of one change.
const COMMENTS: i64 = 2_000;
/// Bytes of a file whose lines are counted.
const COUNTED: u64 = 16 << 20;

/// What a comment is on.
struct Place {
    path: String,
    line: Option<u32>,
    side: Side,
}

impl Forge {
    /// Comments on a change or on one of its lines.
    ///
    /// # Errors
    /// [`ForgeError`] where there is no such change, revision, file or comment, or the text is empty or too long.
    pub async fn add_comment(
        &self,
        number: i64,
        wanted: NewComment,
        by: &str,
    ) -> Result<Comment, ForgeError> {
        let change = self.change(number).await?;
        let text = wanted.text.trim();
        if text.is_empty() || text.len() > TEXT {
            return Err(ForgeError::Invalid(format!(
                "a comment has between 1 and {TEXT} bytes"
            )));
        }
        let revision = wanted.revision.unwrap_or(change.revision);
        if !(1..=change.revision).contains(&revision) {
            return Err(ForgeError::Unknown(format!(
                "revision {revision} of change {number}"
            )));
        }
        if wanted.line.is_some() && wanted.path.is_none() {
            return Err(ForgeError::Invalid(
                "a line is one of a file: `path` is missing".into(),
            ));
        }
        if wanted.line == Some(0) {
            return Err(ForgeError::Invalid("lines are counted from 1".into()));
        }
        if let Some(path) = wanted.path.clone() {
            let place = Place {
                path,
                line: wanted.line,
                side: wanted.side,
            };
            self.require_place(&change, revision, place).await?;
        }
        let mut transaction = self.store.begin().await?;
        if let Some(other) = &wanted.reply_to {
            let known = store::comment(transaction.connection(), number, other).await?;
            known.ok_or_else(|| ForgeError::Unknown(format!("comment `{other}`")))?;
        }
        if store::count_comments(transaction.connection(), number).await? >= COMMENTS {
            return Err(ForgeError::Limit(format!(
                "the change has {COMMENTS} comments, which is the limit"
            )));
        }
        let now = self.clock.now();
        let comment = Comment {
            id: format!("com_{}", self.ids.ulid(now)),
            revision,
            path: wanted.path,
            line: wanted.line,
            side: wanted.side,
            reply_to: wanted.reply_to,
            text: text.to_owned(),
            resolved: false,
            author: by.to_owned(),
            time: now,
        };
        let event = self.made().comment(number, &comment)?;
        store::insert_comment(transaction.connection(), number, &comment).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(comment)
    }

    /// Says that nothing has to be done about a comment any more, or that something has to after all.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is no such comment.
    pub async fn resolve_comment(
        &self,
        number: i64,
        id: &str,
        resolved: bool,
    ) -> Result<Comment, ForgeError> {
        let mut transaction = self.store.begin().await?;
        let known = store::comment(transaction.connection(), number, id).await?;
        let mut comment = known.ok_or_else(|| ForgeError::Unknown(format!("comment `{id}`")))?;
        comment.resolved = resolved;
        let event = self.made().comment(number, &comment)?;
        store::resolve_comment(transaction.connection(), id, resolved).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(comment)
    }

    /// Refuses a place that the revision does not have: nobody would see what is said there.
    async fn require_place(
        &self,
        change: &Change,
        revision: u32,
        place: Place,
    ) -> Result<(), ForgeError> {
        let revisions = store::revisions(&mut *self.reader().await?, change.number).await?;
        let found = revisions.into_iter().find(|one| one.revision == revision);
        let commit = found
            .ok_or_else(|| {
                ForgeError::Unknown(format!("revision {revision} of change {}", change.number))
            })?
            .commit;
        let bare = self.hosted(&change.repository)?.bare.clone();
        let lines = {
            let (path, side) = (place.path.clone(), place.side);
            reading(move || count_lines(&bare, &commit, &path, side)).await?
        };
        match (place.line, lines) {
            (Some(line), Some(lines)) if line > lines => Err(ForgeError::Invalid(format!(
                "`{}` has {lines} lines there, and no line {line}",
                place.path
            ))),
            _ => Ok(()),
        }
    }
}

/// How many lines a file has on one side of a commit; nothing where it is too large to be counted.
fn count_lines(
    bare: &Bare,
    commit: &str,
    path: &str,
    side: Side,
) -> Result<Option<u32>, RepositoryError> {
    let commit = bare.commit(commit)?;
    let revision = match side {
        Side::New => Some(commit.id),
        Side::Old => commit.parents.first().copied(),
    };
    let missing = || RepositoryError::NotFound(format!("file `{path}`"));
    let revision = revision.ok_or_else(missing)?.to_string();
    match bare.file(&revision, path, COUNTED) {
        Ok(file) => {
            let ends = file.content.iter().filter(|byte| **byte == b'\n').count();
            let open = file.content.last().is_some_and(|last| *last != b'\n');
            let lines = ends + usize::from(open);
            Ok(Some(u32::try_from(lines).unwrap_or(u32::MAX)))
        }
        Err(RepositoryError::Limit(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
