//! Tables and their changes, room by room.

use sqlx::AssertSqlSafe;

use crate::{Store, StoreError, Transaction};

/// One step in the life of a room's tables. It is never edited once it was released; the next step follows it.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number, from 1 upwards without a gap.
    pub version: u32,
    /// What it does, in a few words.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

/// Where the steps that were taken are written down.
const VERSIONS: &str = "create table if not exists schema_version (
    room text not null,
    version integer not null,
    name text not null,
    primary key (room, version)
)";

impl Store {
    /// Brings the tables of `room` up to the last step of `steps`, and says how many steps it took.
    ///
    /// All steps of a call are taken, or none. Two processes that do it at the same time take turns.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when the file is from a later version: it is left as it is. Others when a step fails.
    pub async fn migrate(&self, room: &str, steps: &[Migration]) -> Result<u32, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(VERSIONS)
            .execute(transaction.connection())
            .await?;
        let found = version(&mut transaction, room).await?;
        let known = steps.last().map_or(0, |step| step.version);
        if found > known {
            return Err(StoreError::Newer {
                room: room.into(),
                found,
                known,
            });
        }
        let mut taken = 0;
        for step in steps.iter().filter(|step| step.version > found) {
            take(&mut transaction, room, step).await?;
            taken += 1;
        }
        transaction.commit().await?;
        if taken > 0 {
            tracing::info!(
                room,
                found,
                known,
                "brought the tables of `{room}` up to date"
            );
        }
        Ok(taken)
    }
}

async fn version(transaction: &mut Transaction, room: &str) -> Result<u32, StoreError> {
    let newest = "select coalesce(max(version), 0) from schema_version where room = $1";
    let found = sqlx::query_scalar(newest).bind(room);
    Ok(found.fetch_one(transaction.connection()).await?)
}

async fn take(
    transaction: &mut Transaction,
    room: &str,
    step: &Migration,
) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(step.sql))
        .execute(transaction.connection())
        .await?;
    sqlx::query("insert into schema_version (room, version, name) values ($1, $2, $3)")
        .bind(room)
        .bind(step.version)
        .bind(step.name)
        .execute(transaction.connection())
        .await?;
    Ok(())
}
