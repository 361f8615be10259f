//! The tables of changes and their revisions.

use sqlx::Row as _;
use trunkline_store::{Connection, Row, StoreError, column};

use crate::{Change, ChangeState, Mode, Revision};

/// Changes that one stack can have.
const STACK: usize = 100;

/// A change that is written, with the rest of its message.
#[derive(Clone, Debug)]
pub(crate) struct StoredChange {
    pub(crate) change: Change,
    pub(crate) body: String,
}

/// Which changes are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangeFilter<'a> {
    pub(crate) repository: Option<&'a str>,
    pub(crate) state: Option<ChangeState>,
    /// Only those with a smaller number.
    pub(crate) before: Option<i64>,
    pub(crate) limit: u32,
}

fn named<T: serde::de::DeserializeOwned>(row: &Row, name: &'static str) -> Result<T, StoreError> {
    let text: &str = row.try_get(name)?;
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map_err(|error| StoreError::value(name, error))
}

fn count(row: &Row, name: &str) -> Result<u32, StoreError> {
    let number: i64 = row.try_get(name)?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

fn change_of(row: &Row) -> Result<Change, StoreError> {
    Ok(Change {
        number: row.try_get("number")?,
        repository: row.try_get("repository")?,
        identity: row.try_get("identity")?,
        mode: named::<Mode>(row, "mode")?,
        state: named::<ChangeState>(row, "state")?,
        revision: count(row, "revision")?,
        commit: row.try_get("commit_id")?,
        title: row.try_get("title")?,
        author: row.try_get("author")?,
        owner: row.try_get("owner")?,
        parent: row.try_get("parent")?,
        topic: row.try_get("topic")?,
        landed: row.try_get("landed")?,
        reason: row.try_get("reason")?,
        landing: row.try_get("landing")?,
        created: column::time(row, "created")?,
        updated: column::time(row, "updated")?,
    })
}

/// Writes a new change and gives its number.
pub(crate) async fn insert_change(
    connection: &mut Connection,
    stored: &StoredChange,
) -> Result<i64, StoreError> {
    let change = &stored.change;
    let row = sqlx::query(
        "insert into change (repository, identity, mode, state, revision, commit_id, title, body, author, owner, parent, topic,
         landed, reason, landing, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) returning number",
    )
    .bind(&change.repository)
    .bind(&change.identity)
    .bind(change.mode.name())
    .bind(change.state.name())
    .bind(i64::from(change.revision))
    .bind(&change.commit)
    .bind(&change.title)
    .bind(&stored.body)
    .bind(&change.author)
    .bind(&change.owner)
    .bind(change.parent)
    .bind(&change.topic)
    .bind(&change.landed)
    .bind(&change.reason)
    .bind(&change.landing)
    .bind(change.created.as_micros())
    .bind(change.updated.as_micros())
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("number")?)
}

/// Writes what became of a change; its message too where there is a new one.
pub(crate) async fn update_change(
    connection: &mut Connection,
    change: &Change,
    body: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query(
        "update change set mode = $2, state = $3, revision = $4, commit_id = $5, title = $6, body = coalesce($7, body), author = $8,
         owner = $9, parent = $10, topic = $11, landed = $12, reason = $13, landing = $14, updated = $15 where number = $1",
    )
    .bind(change.number)
    .bind(change.mode.name())
    .bind(change.state.name())
    .bind(i64::from(change.revision))
    .bind(&change.commit)
    .bind(&change.title)
    .bind(body)
    .bind(&change.author)
    .bind(&change.owner)
    .bind(change.parent)
    .bind(&change.topic)
    .bind(&change.landed)
    .bind(&change.reason)
    .bind(&change.landing)
    .bind(change.updated.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn insert_revision(
    connection: &mut Connection,
    change: i64,
    revision: &Revision,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into change_revision (change, revision, commit_id, pushed, pushed_by) values ($1, $2, $3, $4, $5)",
    )
    .bind(change)
    .bind(i64::from(revision.revision))
    .bind(&revision.commit)
    .bind(revision.pushed.as_micros())
    .bind(&revision.by)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn revisions(
    connection: &mut Connection,
    change: i64,
) -> Result<Vec<Revision>, StoreError> {
    let rows = sqlx::query("select * from change_revision where change = $1 order by revision")
        .bind(change)
        .fetch_all(connection)
        .await?;
    let revision = |row: &Row| {
        Ok(Revision {
            revision: count(row, "revision")?,
            commit: row.try_get("commit_id")?,
            pushed: column::time(row, "pushed")?,
            by: row.try_get("pushed_by")?,
        })
    };
    rows.iter().map(revision).collect()
}

pub(crate) async fn change(
    connection: &mut Connection,
    number: i64,
) -> Result<Option<Change>, StoreError> {
    let row = sqlx::query("select * from change where number = $1")
        .bind(number)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(change_of).transpose()
}

pub(crate) async fn body_of(
    connection: &mut Connection,
    number: i64,
) -> Result<String, StoreError> {
    let row = sqlx::query("select body from change where number = $1")
        .bind(number)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("body")?)
}

/// The change of this identity that is not over.
pub(crate) async fn open_with_identity(
    connection: &mut Connection,
    repository: &str,
    identity: &str,
) -> Result<Option<Change>, StoreError> {
    let row = sqlx::query(
        "select * from change where repository = $1 and identity = $2 and state not in ('landed', 'abandoned')
         order by number desc limit 1",
    )
    .bind(repository)
    .bind(identity)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(change_of).transpose()
}

/// Changes, the newest first.
pub(crate) async fn changes(
    connection: &mut Connection,
    filter: &ChangeFilter<'_>,
) -> Result<Vec<Change>, StoreError> {
    let rows = sqlx::query(
        "select * from change where ($1 is null or repository = $1) and ($2 is null or state = $2) and number < $3
         order by number desc limit $4",
    )
    .bind(filter.repository)
    .bind(filter.state.map(ChangeState::name))
    .bind(filter.before.unwrap_or(i64::MAX))
    .bind(i64::from(filter.limit))
    .fetch_all(connection)
    .await?;
    rows.iter().map(change_of).collect()
}

/// The numbers of the changes that `change` stands on and that stand on it, itself among them, the lowest first; none that is over but itself.
pub(crate) async fn stack_of(
    connection: &mut Connection,
    change: &Change,
) -> Result<Vec<i64>, StoreError> {
    let mut stack = vec![change.number];
    let mut parent = change.parent;
    while let Some(number) = parent.filter(|number| !stack.contains(number)) {
        let Some(below) = self::change(&mut *connection, number).await? else {
            break;
        };
        if below.state.is_over() || stack.len() > STACK {
            break;
        }
        stack.insert(0, number);
        parent = below.parent;
    }
    let mut top = change.number;
    while stack.len() <= STACK {
        let row = sqlx::query(
            "select number from change where parent = $1 and state not in ('landed', 'abandoned') order by number desc limit 1",
        )
        .bind(top)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else {
            break;
        };
        top = row.try_get("number")?;
        if stack.contains(&top) {
            break;
        }
        stack.push(top);
    }
    Ok(stack)
}
