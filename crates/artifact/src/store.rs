//! The tables of artifacts, and of the key that signs them.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, Migration, Row, StoreError, column};

use crate::Artifact;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "artifacts",
    sql: "
        create table artifact (
            name text not null,
            version text not null,
            bytes bigint not null,
            sha256 text not null,
            signature text not null,
            -- What the key that signed it is known by.
            key text not null,
            content_type text not null,
            created bigint not null,
            created_by text not null,
            primary key (name, version)
        );
        create table artifact_signer (
            id integer not null primary key check (id = 1),
            -- The private key, PKCS #8.
            key blob not null,
            -- Its certificate and the one above it, as PEM, and when the first of them ends.
            chain text not null,
            ends bigint not null,
            -- What links for devices are sealed with.
            link_key blob not null
        );
    ",
}];

/// The key that signs, as it is kept.
pub(crate) struct StoredSigner {
    pub(crate) key: Vec<u8>,
    pub(crate) chain: String,
    pub(crate) ends: Timestamp,
    pub(crate) link_key: Vec<u8>,
}

fn artifact_of(row: &Row) -> Result<Artifact, StoreError> {
    let bytes: i64 = row.try_get("bytes")?;
    Ok(Artifact {
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        bytes: bytes.unsigned_abs(),
        sha256: row.try_get("sha256")?,
        signature: row.try_get("signature")?,
        key: row.try_get("key")?,
        content_type: row.try_get("content_type")?,
        created: column::time(row, "created")?,
        by: row.try_get("created_by")?,
    })
}

pub(crate) async fn all(connection: &mut Connection) -> Result<Vec<Artifact>, StoreError> {
    let rows = sqlx::query("select * from artifact")
        .fetch_all(connection)
        .await?;
    rows.iter().map(artifact_of).collect()
}

pub(crate) async fn insert(
    connection: &mut Connection,
    artifact: &Artifact,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into artifact (name, version, bytes, sha256, signature, key, content_type, created, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&artifact.name)
    .bind(&artifact.version)
    .bind(artifact.bytes.cast_signed())
    .bind(&artifact.sha256)
    .bind(&artifact.signature)
    .bind(&artifact.key)
    .bind(&artifact.content_type)
    .bind(artifact.created.as_micros())
    .bind(&artifact.by)
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn remove(
    connection: &mut Connection,
    artifact: &Artifact,
) -> Result<(), StoreError> {
    sqlx::query("delete from artifact where name = $1 and version = $2")
        .bind(&artifact.name)
        .bind(&artifact.version)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn signer(
    connection: &mut Connection,
) -> Result<Option<StoredSigner>, StoreError> {
    let row = sqlx::query("select key, chain, ends, link_key from artifact_signer")
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(StoredSigner {
        key: row.try_get("key")?,
        chain: row.try_get("chain")?,
        ends: column::time(&row, "ends")?,
        link_key: row.try_get("link_key")?,
    }))
}

pub(crate) async fn put_signer(
    connection: &mut Connection,
    signer: &StoredSigner,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into artifact_signer (id, key, chain, ends, link_key) values (1, $1, $2, $3, $4)
         on conflict (id) do update set key = excluded.key, chain = excluded.chain, ends = excluded.ends,
         link_key = excluded.link_key",
    )
    .bind(&signer.key)
    .bind(&signer.chain)
    .bind(signer.ends.as_micros())
    .bind(&signer.link_key)
    .execute(connection)
    .await?;
    Ok(())
}
