//! The table of templates.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_provision::Template;
use trunkline_store::{Connection, StoreError};

pub(super) async fn put(
    connection: &mut Connection,
    template: &Template,
    now: Timestamp,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(template)
        .map_err(|error| StoreError::value("a provisioning template", error))?;
    sqlx::query(
        "insert into provisioning_template (name, template, changed) values ($1, $2, $3)
         on conflict (name) do update set template = excluded.template, changed = excluded.changed",
    )
    .bind(&template.name)
    .bind(text)
    .bind(now.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Template>, StoreError> {
    let rows = sqlx::query("select template from provisioning_template order by name")
        .fetch_all(connection)
        .await?;
    let mut templates = Vec::with_capacity(rows.len());
    for row in rows {
        let text: &str = row.try_get("template")?;
        let template = serde_json::from_str(text)
            .map_err(|error| StoreError::value("a provisioning template", error))?;
        templates.push(template);
    }
    Ok(templates)
}

pub(super) async fn remove(connection: &mut Connection, name: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from provisioning_template where name = $1")
        .bind(name)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}
