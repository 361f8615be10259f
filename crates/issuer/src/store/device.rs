//! The table `issuer_device`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Pool, Row, StoreError};

use super::column::{client, optional_time, time, words};
use crate::model::{Approval, ClientId, join};
use crate::secret::Digest;

/// What a person said about a device.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Nothing yet.
    Pending,
    /// No.
    Denied,
    /// Yes.
    Approved(Box<Approval>),
}

/// A device that waits for a person to type its code.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) client: ClientId,
    pub(crate) scopes: Vec<String>,
    pub(crate) created: Timestamp,
    pub(crate) polled: Option<Timestamp>,
    /// Microseconds that it must wait between two questions.
    pub(crate) pause: i64,
    pub(crate) answer: Answer,
}

/// Writes a new device.
pub(crate) async fn insert_device(
    connection: &mut Connection,
    digest: Digest,
    user_code: &str,
    device: &Device,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into issuer_device (hash, user_code, client, scopes, created, pause, state)
         values ($1, $2, $3, $4, $5, $6, 'pending')",
    )
    .bind(&digest[..])
    .bind(user_code)
    .bind(device.client.to_string())
    .bind(join(&device.scopes))
    .bind(device.created.as_micros())
    .bind(device.pause)
    .execute(connection)
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Device, StoreError> {
    let state: &str = row.try_get("state")?;
    let answer = match state {
        "approved" => Answer::Approved(Box::new(Approval {
            client: client(row, "client")?,
            subject: row.try_get("subject")?,
            scopes: words(row, "scopes")?,
            session: row.try_get("session")?,
            auth_time: time(row, "auth_time")?,
            methods: words(row, "methods")?,
            nonce: None,
        })),
        "pending" => Answer::Pending,
        _ => Answer::Denied,
    };
    Ok(Device {
        client: client(row, "client")?,
        scopes: words(row, "scopes")?,
        created: time(row, "created")?,
        polled: optional_time(row, "polled")?,
        pause: row.try_get("pause")?,
        answer,
    })
}

/// The device with this hash.
pub(crate) async fn find_device(
    connection: &mut Connection,
    digest: Digest,
) -> Result<Option<Device>, StoreError> {
    let row = sqlx::query("select * from issuer_device where hash = $1")
        .bind(&digest[..])
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The device that waits with this code, if it was made after `since`.
pub(crate) async fn waiting(
    readers: &Pool,
    user_code: &str,
    since: Timestamp,
) -> Result<Option<Device>, StoreError> {
    let row = sqlx::query(
        "select * from issuer_device where user_code = $1 and created > $2 and state = 'pending'",
    )
    .bind(user_code)
    .bind(since.as_micros())
    .fetch_optional(readers)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Writes down that a device asked, and how long it must wait.
pub(crate) async fn polled(
    connection: &mut Connection,
    digest: Digest,
    pause: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update issuer_device set polled = $1, pause = $2 where hash = $3")
        .bind(now.as_micros())
        .bind(pause)
        .bind(&digest[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes down what a person said; says whether the device still waited.
pub(crate) async fn answer(
    connection: &mut Connection,
    user_code: &str,
    approval: Option<&Approval>,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update issuer_device set state = $1, subject = $2, session = $3, auth_time = $4, methods = $5
         where user_code = $6 and state = 'pending' and created > $7",
    )
    .bind(if approval.is_some() { "approved" } else { "denied" })
    .bind(approval.map(|it| it.subject.as_str()))
    .bind(approval.map(|it| it.session.as_str()))
    .bind(approval.map(|it| it.auth_time.as_micros()))
    .bind(approval.map(|it| it.methods.join(" ")))
    .bind(user_code)
    .bind(since.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes a device that got its tokens.
pub(crate) async fn remove_device(
    connection: &mut Connection,
    digest: Digest,
) -> Result<(), StoreError> {
    sqlx::query("delete from issuer_device where hash = $1")
        .bind(&digest[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// How many devices wait.
pub(crate) async fn count_devices(
    connection: &mut Connection,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let statement = sqlx::query_scalar("select count(*) from issuer_device where created > $1")
        .bind(since.as_micros());
    Ok(statement.fetch_one(connection).await?)
}

/// Removes devices from before `before`.
pub(crate) async fn remove_old_devices(
    connection: &mut Connection,
    before: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from issuer_device where created < $1")
        .bind(before.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
