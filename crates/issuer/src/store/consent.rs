//! The table `issuer_consent`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Pool, StoreError};

use super::column::words;
use crate::model::{ClientId, join};

/// The scopes that a person let a client have.
pub(crate) async fn consented(
    readers: &Pool,
    subject: &str,
    client: ClientId,
) -> Result<Vec<String>, StoreError> {
    let row = sqlx::query("select scopes from issuer_consent where subject = $1 and client = $2")
        .bind(subject)
        .bind(client.to_string())
        .fetch_optional(readers)
        .await?;
    row.map_or(Ok(Vec::new()), |row| words(&row, "scopes"))
}

/// Writes down that a person lets a client have `scopes`, beside what it had.
pub(crate) async fn consent(
    connection: &mut Connection,
    subject: &str,
    client: ClientId,
    scopes: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    let known = sqlx::query("select scopes from issuer_consent where subject = $1 and client = $2")
        .bind(subject)
        .bind(client.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let mut all: Vec<String> = match known {
        Some(row) => crate::model::split(row.try_get("scopes")?),
        None => Vec::new(),
    };
    all.extend(
        scopes
            .iter()
            .filter(|scope| !all.contains(scope))
            .cloned()
            .collect::<Vec<_>>(),
    );
    sqlx::query(
        "insert into issuer_consent (subject, client, scopes, given) values ($1, $2, $3, $4)
         on conflict (subject, client) do update set scopes = excluded.scopes, given = excluded.given",
    )
    .bind(subject)
    .bind(client.to_string())
    .bind(join(&all))
    .bind(now.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}
