//! The tables of certificates.

use sqlx::Row as _;
use trunkline_authority::{PrivateKeyPem, StoredAuthority};
use trunkline_model::Timestamp;
use trunkline_proof::Digest;
use trunkline_store::{Connection, Migration, Row, StoreError};

use super::{Certificate, CertificateStatus, JoinToken};

pub(crate) const MIGRATION: Migration = Migration {
    version: 2,
    name: "certificates",
    sql: "
        create table authority (
            id integer not null primary key check (id = 1),
            root text not null,
            -- Null where the root's private key is kept elsewhere.
            root_key text,
            issuing text not null,
            issuing_key text not null
        );
        create table certificate (
            id text not null primary key,
            thing text references thing (name) on delete cascade,
            claim text,
            issuer text,
            status text not null,
            serial text not null,
            pem text not null,
            not_before bigint not null,
            not_after bigint not null,
            created bigint not null,
            -- What its owner has to show to have it activated, and until when.
            ownership blob,
            ownership_ends bigint
        );
        create index certificate_of_thing on certificate (thing);
        create unique index certificate_ownership on certificate (ownership);
        create table foreign_authority (
            id text not null primary key,
            pem text not null,
            created bigint not null
        );
        create table join_token (
            id text not null primary key,
            secret blob not null unique,
            pattern text not null,
            kind text not null,
            uses integer not null,
            ends bigint not null,
            created bigint not null
        );
        create table provisioning_template (
            name text not null primary key,
            template text not null,
            changed bigint not null
        );
    ",
};

/// When it was told that a certificate ends soon.
pub(crate) const TOLD: Migration = Migration {
    version: 8,
    name: "when the end of a certificate was told",
    sql: "alter table certificate add column end_told bigint;",
};

const COLUMNS: &str = "id, thing, claim, issuer, status, serial, not_before, not_after, created";

fn certificate_of(row: &Row) -> Result<Certificate, StoreError> {
    let status: &str = row.try_get("status")?;
    let unknown = std::io::Error::other("a status that this version does not know");
    let time = |column| Ok::<_, StoreError>(Timestamp::from_micros(row.try_get(column)?));
    Ok(Certificate {
        id: row.try_get("id")?,
        thing: row.try_get("thing")?,
        claim: row.try_get("claim")?,
        issuer: row.try_get("issuer")?,
        status: CertificateStatus::read(status)
            .ok_or_else(|| StoreError::value("the status of a certificate", unknown))?,
        serial: row.try_get("serial")?,
        not_before: time("not_before")?,
        not_after: time("not_after")?,
        created: time("created")?,
    })
}

/// The platform's own authority, where there is one.
pub(crate) async fn authority(
    connection: &mut Connection,
) -> Result<Option<StoredAuthority>, StoreError> {
    let row = sqlx::query("select root, root_key, issuing, issuing_key from authority")
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let root_key: Option<String> = row.try_get("root_key")?;
    let issuing_key: String = row.try_get("issuing_key")?;
    Ok(Some(StoredAuthority {
        root: row.try_get("root")?,
        root_key: root_key.map(Into::into),
        issuing: row.try_get("issuing")?,
        issuing_key: issuing_key.into(),
    }))
}

pub(crate) async fn put_authority(
    connection: &mut Connection,
    stored: &StoredAuthority,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into authority (id, root, root_key, issuing, issuing_key) values (1, $1, $2, $3, $4)
         on conflict (id) do update set root = excluded.root, root_key = excluded.root_key,
         issuing = excluded.issuing, issuing_key = excluded.issuing_key",
    )
    .bind(&stored.root)
    .bind(stored.root_key.as_ref().map(PrivateKeyPem::reveal))
    .bind(&stored.issuing)
    .bind(stored.issuing_key.reveal())
    .execute(connection)
    .await?;
    Ok(())
}

/// What its owner has to show, and until when.
pub(crate) type Ownership<'a> = (&'a Digest, Timestamp);

/// Registers a certificate; false where it is registered already.
pub(crate) async fn insert(
    connection: &mut Connection,
    certificate: &Certificate,
    pem: &str,
    ownership: Option<Ownership<'_>>,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into certificate (id, thing, claim, issuer, status, serial, pem, not_before, not_after, created, ownership, ownership_ends)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing",
    )
    .bind(&certificate.id)
    .bind(&certificate.thing)
    .bind(&certificate.claim)
    .bind(&certificate.issuer)
    .bind(certificate.status.as_str())
    .bind(&certificate.serial)
    .bind(pem)
    .bind(certificate.not_before.as_micros())
    .bind(certificate.not_after.as_micros())
    .bind(certificate.created.as_micros())
    .bind(ownership.map(|(digest, _)| digest.as_bytes().to_vec()))
    .bind(ownership.map(|(_, ends)| ends.as_micros()))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(crate) async fn one(
    connection: &mut Connection,
    id: &str,
) -> Result<Option<Certificate>, StoreError> {
    let text = format!("select {COLUMNS} from certificate where id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(certificate_of).transpose()
}

/// Active certificates that end after `now` and not after `soon`, and that were not told of since `told`. They count as told from now on.
pub(crate) async fn tell_of_ending(
    connection: &mut Connection,
    (now, soon): (Timestamp, Timestamp),
    told: Timestamp,
) -> Result<Vec<Certificate>, StoreError> {
    let text = format!(
        "update certificate set end_told = $1 where status = $2 and not_after > $1 and not_after <= $3
         and (end_told is null or end_told <= $4) returning {COLUMNS}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(now.as_micros())
        .bind(CertificateStatus::Active.as_str())
        .bind(soon.as_micros())
        .bind(told.as_micros())
        .fetch_all(connection)
        .await?;
    rows.iter().map(certificate_of).collect()
}

/// The certificate's text.
pub(crate) async fn pem(
    connection: &mut Connection,
    id: &str,
) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("select pem from certificate where id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("pem")).transpose()?)
}

/// The certificate that waits for whoever shows this, as long as it does.
pub(crate) async fn owned(
    connection: &mut Connection,
    ownership: &Digest,
    now: Timestamp,
) -> Result<Option<Certificate>, StoreError> {
    let text = format!(
        "select {COLUMNS} from certificate where ownership = $1 and ownership_ends > $2 and status = 'pending'"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(ownership.as_bytes().as_slice())
        .bind(now.as_micros())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(certificate_of).transpose()
}

/// All certificates, or those of one thing.
pub(crate) async fn all(
    connection: &mut Connection,
    thing: Option<&str>,
) -> Result<Vec<Certificate>, StoreError> {
    let text = format!(
        "select {COLUMNS} from certificate where $1 is null or thing = $1 order by created, id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(thing)
        .fetch_all(connection)
        .await?;
    rows.iter().map(certificate_of).collect()
}

/// Writes the status and the owner of a certificate.
pub(crate) async fn update(
    connection: &mut Connection,
    certificate: &Certificate,
) -> Result<(), StoreError> {
    sqlx::query(
        "update certificate set status = $2, thing = $3, ownership = null, ownership_ends = null where id = $1",
    )
    .bind(&certificate.id)
    .bind(certificate.status.as_str())
    .bind(&certificate.thing)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many certificates belong to nobody.
pub(crate) async fn number_of_loose(connection: &mut Connection) -> Result<i64, StoreError> {
    let number = sqlx::query_scalar(
        "select count(*) from certificate where thing is null and claim is null and ownership is null",
    );
    Ok(number.fetch_one(connection).await?)
}

pub(crate) async fn remove(connection: &mut Connection, id: &str) -> Result<(), StoreError> {
    let remove = sqlx::query("delete from certificate where id = $1").bind(id);
    remove.execute(connection).await?;
    Ok(())
}

/// Takes away certificates that nobody came for; their ids.
pub(crate) async fn remove_abandoned(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "delete from certificate where status = 'pending' and ownership_ends <= $1 returning id",
    )
    .bind(now.as_micros())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

pub(crate) async fn put_foreign(
    connection: &mut Connection,
    id: &str,
    pem: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into foreign_authority (id, pem, created) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(id)
    .bind(pem)
    .bind(now.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(crate) async fn remove_foreign(
    connection: &mut Connection,
    id: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from foreign_authority where id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// The texts of registered authorities.
pub(crate) async fn foreign(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query("select pem from foreign_authority order by created, id")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("pem")?)).collect()
}

fn token_of(row: &Row) -> Result<JoinToken, StoreError> {
    Ok(JoinToken {
        id: row.try_get("id")?,
        pattern: row.try_get("pattern")?,
        kind: row.try_get("kind")?,
        uses: row.try_get("uses")?,
        ends: Timestamp::from_micros(row.try_get("ends")?),
        created: Timestamp::from_micros(row.try_get("created")?),
    })
}

pub(crate) async fn put_token(
    connection: &mut Connection,
    token: &JoinToken,
    secret: &Digest,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into join_token (id, secret, pattern, kind, uses, ends, created) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&token.id)
    .bind(secret.as_bytes().as_slice())
    .bind(&token.pattern)
    .bind(&token.kind)
    .bind(token.uses)
    .bind(token.ends.as_micros())
    .bind(token.created.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn tokens(connection: &mut Connection) -> Result<Vec<JoinToken>, StoreError> {
    let rows = sqlx::query(
        "select id, pattern, kind, uses, ends, created from join_token order by created, id",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(token_of).collect()
}

/// Uses a token once; nothing where it is not good any more.
pub(crate) async fn use_token(
    connection: &mut Connection,
    secret: &Digest,
    now: Timestamp,
) -> Result<Option<JoinToken>, StoreError> {
    let row = sqlx::query(
        "update join_token set uses = uses - 1 where secret = $1 and uses > 0 and ends > $2
         returning id, pattern, kind, uses, ends, created",
    )
    .bind(secret.as_bytes().as_slice())
    .bind(now.as_micros())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(token_of).transpose()
}

pub(crate) async fn remove_token(
    connection: &mut Connection,
    id: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from join_token where id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}
