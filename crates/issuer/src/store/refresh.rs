//! The table `issuer_refresh`.

use trunkline_model::Timestamp;
use trunkline_store::{Connection, StoreError};

use super::column::{optional_time, time};
use super::grant::read;
use crate::model::Grant;
use crate::secret::Digest;

/// A refresh token and the grant that it belongs to.
#[derive(Debug)]
pub(crate) struct Refresh {
    pub(crate) grant: Grant,
    pub(crate) made: Timestamp,
    pub(crate) used: Option<Timestamp>,
}

/// Writes a new refresh token.
pub(crate) async fn insert_refresh(
    connection: &mut Connection,
    digest: Digest,
    grant: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("insert into issuer_refresh (hash, grant_id, created) values ($1, $2, $3)")
        .bind(&digest[..])
        .bind(grant)
        .bind(now.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// The refresh token with this hash, used or not.
pub(crate) async fn find_refresh(
    connection: &mut Connection,
    digest: Digest,
) -> Result<Option<Refresh>, StoreError> {
    let row = sqlx::query(
        "select g.*, r.created as made, r.used from issuer_refresh r join issuer_grant g on g.id = r.grant_id
         where r.hash = $1",
    )
    .bind(&digest[..])
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Refresh {
            grant: read(&row)?,
            made: time(&row, "made")?,
            used: optional_time(&row, "used")?,
        })
    })
    .transpose()
}

/// Uses a refresh token up.
pub(crate) async fn spend_refresh(
    connection: &mut Connection,
    digest: Digest,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update issuer_refresh set used = $1 where hash = $2")
        .bind(now.as_micros())
        .bind(&digest[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes refresh tokens that were used before `used`, or made before `made`.
pub(crate) async fn remove_old_refreshes(
    connection: &mut Connection,
    used: Timestamp,
    made: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from issuer_refresh where used < $1 or created < $2")
        .bind(used.as_micros())
        .bind(made.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}
