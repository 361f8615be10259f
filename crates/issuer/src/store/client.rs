//! The tables `issuer_client` and `issuer_secret`.

use sqlx::Row as _;
use trunkline_store::{Connection, Pool, Row, StoreError};

use super::column::{client as client_id, digest, json, time, to_json};
use crate::model::{Client, ClientId, ClientKind, ClientSecret, ClientSettings};

/// All clients, the oldest first.
pub(crate) async fn clients(readers: &Pool) -> Result<Vec<Client>, StoreError> {
    let rows = sqlx::query(
        "select id, kind, settings, created, created_by from issuer_client order by created, id",
    )
    .fetch_all(readers)
    .await?;
    let mut clients = rows.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
    let rows = sqlx::query(
        "select id, client, hash, prefix, created from issuer_secret order by created, id",
    )
    .fetch_all(readers)
    .await?;
    for row in &rows {
        let owner = client_id(row, "client")?;
        if let Some(client) = clients.iter_mut().find(|client| client.id == owner) {
            client.secrets.push(ClientSecret {
                id: row.try_get("id")?,
                prefix: row.try_get("prefix")?,
                created: time(row, "created")?,
                digest: digest(row, "hash")?,
            });
        }
    }
    Ok(clients)
}

fn listed(row: &Row) -> Result<Client, StoreError> {
    let kind: &str = row.try_get("kind")?;
    Ok(Client {
        id: client_id(row, "id")?,
        kind: if kind == "confidential" {
            ClientKind::Confidential
        } else {
            ClientKind::Public
        },
        settings: json(row, "settings")?,
        created: time(row, "created")?,
        created_by: row.try_get("created_by")?,
        secrets: Vec::new(),
    })
}

/// Writes a new client and its secrets.
pub(crate) async fn insert_client(
    connection: &mut Connection,
    client: &Client,
) -> Result<(), StoreError> {
    let kind = match client.kind {
        ClientKind::Public => "public",
        ClientKind::Confidential => "confidential",
    };
    sqlx::query("insert into issuer_client (id, kind, settings, created, created_by) values ($1, $2, $3, $4, $5)")
        .bind(client.id.to_string())
        .bind(kind)
        .bind(to_json("settings", &client.settings)?)
        .bind(client.created.as_micros())
        .bind(&client.created_by)
        .execute(&mut *connection)
        .await?;
    for secret in &client.secrets {
        insert_secret(connection, client.id, secret).await?;
    }
    Ok(())
}

/// Gives a client other settings.
pub(crate) async fn update_client(
    connection: &mut Connection,
    id: ClientId,
    settings: &ClientSettings,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update issuer_client set settings = $1 where id = $2")
        .bind(to_json("settings", settings)?)
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes a client with its secrets, codes, grants and refresh tokens.
pub(crate) async fn remove_client(
    connection: &mut Connection,
    id: ClientId,
) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from issuer_client where id = $1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// How many clients there are.
pub(crate) async fn count_clients(connection: &mut Connection) -> Result<usize, StoreError> {
    let count: i64 = sqlx::query_scalar("select count(*) from issuer_client")
        .fetch_one(connection)
        .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// How many secrets a client has.
pub(crate) async fn count_secrets(
    connection: &mut Connection,
    id: ClientId,
) -> Result<usize, StoreError> {
    let count: i64 = sqlx::query_scalar("select count(*) from issuer_secret where client = $1")
        .bind(id.to_string())
        .fetch_one(connection)
        .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Writes a new secret.
pub(crate) async fn insert_secret(
    connection: &mut Connection,
    id: ClientId,
    secret: &ClientSecret,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into issuer_secret (id, client, hash, prefix, created) values ($1, $2, $3, $4, $5)",
    )
    .bind(&secret.id)
    .bind(id.to_string())
    .bind(&secret.digest[..])
    .bind(&secret.prefix)
    .bind(secret.created.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a secret.
pub(crate) async fn remove_secret(
    connection: &mut Connection,
    id: ClientId,
    secret: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from issuer_secret where client = $1 and id = $2")
        .bind(id.to_string())
        .bind(secret)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}
