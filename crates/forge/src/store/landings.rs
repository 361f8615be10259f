//! The table of what is to land together, and that of keys that are known to be green.

use gix::ObjectId;
use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Row, StoreError, column};

/// Changes that land together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Landing {
    /// Its place in the order in which all came.
    pub(crate) sequence: i64,
    pub(crate) id: String,
    pub(crate) repository: String,
    /// The numbers of its changes, the lowest first.
    pub(crate) changes: Vec<i64>,
    /// The commit of the last of them.
    pub(crate) tip: ObjectId,
    /// What its changes become where the trunk was about to be moved to them: each change and its commit, the lowest first.
    pub(crate) intent: Vec<(i64, ObjectId)>,
    pub(crate) submitted: Timestamp,
    pub(crate) by: String,
}

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LandingState {
    Landed,
    Refused,
    Withdrawn,
}

impl LandingState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Writes one that is new and gives its place.
pub(crate) async fn insert_landing(
    connection: &mut Connection,
    landing: &Landing,
) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "insert into landing (id, repository, changes, tip, state, submitted, submitted_by)
         values ($1, $2, $3, $4, 'queued', $5, $6) returning sequence",
    )
    .bind(&landing.id)
    .bind(&landing.repository)
    .bind(column::json_text(&landing.changes)?)
    .bind(landing.tip.to_string())
    .bind(landing.submitted.as_micros())
    .bind(&landing.by)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("sequence")?)
}

/// Notes what the changes of one become, before the trunk is moved to them.
pub(crate) async fn put_intent(
    connection: &mut Connection,
    id: &str,
    intent: &[(i64, ObjectId)],
) -> Result<(), StoreError> {
    let texts: Vec<_> = intent
        .iter()
        .map(|(change, commit)| (*change, commit.to_string()))
        .collect();
    sqlx::query("update landing set intent = $2 where id = $1")
        .bind(id)
        .bind(column::json_text(&texts)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes what became of one; false where that is known already.
pub(crate) async fn finish_landing(
    connection: &mut Connection,
    id: &str,
    state: LandingState,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update landing set state = $2 where id = $1 and state = 'queued'")
        .bind(id)
        .bind(state.name())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Those that nothing became of yet, in the order in which they came.
pub(crate) async fn queued_landings(
    connection: &mut Connection,
) -> Result<Vec<Landing>, StoreError> {
    let rows = sqlx::query("select * from landing where state = 'queued' order by sequence")
        .fetch_all(connection)
        .await?;
    let landing = |row: &Row| {
        let tip: &str = row.try_get("tip")?;
        Ok(Landing {
            intent: intent_of(row)?,
            sequence: row.try_get("sequence")?,
            id: row.try_get("id")?,
            repository: row.try_get("repository")?,
            changes: column::json(row, "changes")?,
            tip: id_of(tip)?,
            submitted: column::time(row, "submitted")?,
            by: row.try_get("submitted_by")?,
        })
    };
    rows.iter().map(landing).collect()
}

fn id_of(text: &str) -> Result<ObjectId, StoreError> {
    ObjectId::from_hex(text.as_bytes()).map_err(|error| StoreError::value("tip", error))
}

fn intent_of(row: &Row) -> Result<Vec<(i64, ObjectId)>, StoreError> {
    let text: Option<&str> = row.try_get("intent")?;
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let pairs: Vec<(i64, String)> =
        serde_json::from_str(text).map_err(|error| StoreError::value("intent", error))?;
    let ids = pairs
        .into_iter()
        .map(|(change, id)| Ok((change, id_of(&id)?)));
    ids.collect()
}

/// Whether the key is known to be green.
pub(crate) async fn is_green(connection: &mut Connection, key: &str) -> Result<bool, StoreError> {
    let row = sqlx::query("select 1 from green_key where key = $1")
        .bind(key)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Notes that `run` found the key green.
pub(crate) async fn mark_green(
    connection: &mut Connection,
    key: &str,
    run: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into green_key (key, run, used) values ($1, $2, $3) on conflict (key) do update set used = excluded.used",
    )
    .bind(key)
    .bind(run)
    .bind(now.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets green keys that nobody needed since `then`, and landings that came before it and are over.
pub(crate) async fn forget_old(
    connection: &mut Connection,
    then: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from green_key where used < $1")
        .bind(then.as_micros())
        .execute(&mut *connection)
        .await?;
    sqlx::query("delete from landing where submitted < $1 and state <> 'queued'")
        .bind(then.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
