//! The table `account`.

use std::collections::HashMap;

use sqlx::Row as _;
use trunkline_model::{Role, Timestamp};
use trunkline_store::{Connection, Row, StoreError};

use super::column::{optional_time, parsed, role, time};
use crate::model::{Account, AccountId, Person};

/// An account with what its door needs.
#[derive(Clone, Debug)]
pub(crate) struct AccountRow {
    pub(crate) account: Account,
    /// Whether an owner or an issuer vouches for the email.
    pub(crate) verified: bool,
    /// The hash of its password.
    pub(crate) password: Option<String>,
    /// Whether it asks for the code of an authenticator app.
    pub(crate) totp: bool,
}

const COLUMNS: &str = "select id, name, email, email_verified, role, disabled, password,
    exists (select 1 from totp where totp.account = account.id and totp.confirmed is not null) as totp from account";

fn account(row: &Row) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        account: Account {
            id: parsed(row, "id")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            role: role(row, "role")?,
            disabled: optional_time(row, "disabled")?.is_some(),
        },
        verified: row.try_get("email_verified")?,
        password: row.try_get("password")?,
        totp: row.try_get("totp")?,
    })
}

/// The first owner who may come in: the oldest there is. Where there is none, the oldest account.
pub(crate) async fn owner(connection: &mut Connection) -> Result<Option<Account>, StoreError> {
    let statement = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} order by case when role = 'owner' and disabled is null then 0 else 1 end, created, id limit 1"
    ));
    let row = sqlx::query(statement).fetch_optional(connection).await?;
    row.map(|row| Ok(account(&row)?.account)).transpose()
}

/// The account with the id `id`.
pub(crate) async fn find_account(
    connection: &mut Connection,
    id: AccountId,
) -> Result<Option<AccountRow>, StoreError> {
    let statement = sqlx::AssertSqlSafe(format!("{COLUMNS} where id = $1"));
    let row = sqlx::query(statement)
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| account(&row)).transpose()
}

/// The account with the email `email`, which has no capitals.
pub(crate) async fn find_account_by_email(
    connection: &mut Connection,
    email: &str,
) -> Result<Option<AccountRow>, StoreError> {
    let statement = sqlx::AssertSqlSafe(format!("{COLUMNS} where email = $1"));
    let row = sqlx::query(statement)
        .bind(email)
        .fetch_optional(connection)
        .await?;
    row.map(|row| account(&row)).transpose()
}

/// Writes a new account.
pub(crate) async fn insert_account(
    connection: &mut Connection,
    account: &Account,
    verified: bool,
    created: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into account (id, name, scopes, email, email_verified, role, created) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(account.id.to_string())
    .bind(&account.name)
    // The column says nothing any more, but an old version of the program may still read it.
    .bind("read")
    .bind(&account.email)
    .bind(verified)
    .bind(account.role.name())
    .bind(created.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what may change about a person.
pub(crate) async fn update_account(
    connection: &mut Connection,
    row: &AccountRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let account = &row.account;
    sqlx::query(
        "update account set name = $1, email = $2, email_verified = $3, role = $4,
         disabled = case when $5 then coalesce(disabled, $6) else null end where id = $7",
    )
    .bind(&account.name)
    .bind(&account.email)
    .bind(row.verified)
    .bind(account.role.name())
    .bind(account.disabled)
    .bind(now.as_micros())
    .bind(account.id.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the hash of a person's password.
pub(crate) async fn set_password(
    connection: &mut Connection,
    id: AccountId,
    hash: &str,
) -> Result<(), StoreError> {
    sqlx::query("update account set password = $1 where id = $2")
        .bind(hash)
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the hash of the same password under other parameters, unless the password was changed meanwhile.
pub(crate) async fn refresh_password(
    connection: &mut Connection,
    id: AccountId,
    old: &str,
    hash: &str,
) -> Result<(), StoreError> {
    sqlx::query("update account set password = $1 where id = $2 and password = $3")
        .bind(hash)
        .bind(id.to_string())
        .bind(old)
        .execute(connection)
        .await?;
    Ok(())
}

/// How many owners may come in.
pub(crate) async fn active_owners(connection: &mut Connection) -> Result<i64, StoreError> {
    let statement = "select count(*) from account where role = $1 and disabled is null";
    let count = sqlx::query_scalar(statement).bind(Role::Owner.name());
    Ok(count.fetch_one(connection).await?)
}

/// How many accounts there are.
pub(crate) async fn count_accounts(connection: &mut Connection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("select count(*) from account")
        .fetch_one(connection)
        .await?)
}

/// Everybody, or the one with the id `only`; the oldest first.
pub(crate) async fn people(
    connection: &mut Connection,
    only: Option<AccountId>,
) -> Result<Vec<Person>, StoreError> {
    let rows = sqlx::query(
        "select id, name, email, role, created, last_seen, disabled, password is not null as password,
            exists (select 1 from totp t where t.account = a.id and t.confirmed is not null) as totp,
            (select count(*) from passkey p where p.account = a.id) as passkeys
         from account a where $1 is null or id = $1 order by created, id",
    )
    .bind(only.map(|id| id.to_string()))
    .fetch_all(&mut *connection)
    .await?;
    let mut teams = teams_by_member(connection).await?;
    rows.iter().map(|row| person(row, &mut teams)).collect()
}

fn person(row: &Row, teams: &mut HashMap<String, Vec<String>>) -> Result<Person, StoreError> {
    let id: AccountId = parsed(row, "id")?;
    Ok(Person {
        id,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        role: role(row, "role")?,
        teams: teams.remove(&id.to_string()).unwrap_or_default(),
        created: time(row, "created")?,
        last_seen: optional_time(row, "last_seen")?,
        disabled: optional_time(row, "disabled")?.is_some(),
        password: row.try_get("password")?,
        totp: row.try_get("totp")?,
        passkeys: row.try_get("passkeys")?,
    })
}

/// The names of everybody's teams, in the order of the alphabet.
pub(super) async fn teams_by_member(
    connection: &mut Connection,
) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let rows = sqlx::query(
        "select m.member, t.name from team_member m join team t on t.id = m.team order by t.name",
    )
    .fetch_all(connection)
    .await?;
    let mut teams: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        let member: String = row.try_get("member")?;
        teams.entry(member).or_default().push(row.try_get("name")?);
    }
    Ok(teams)
}

/// Writes down that the person of a session was seen at `at`.
pub(crate) async fn touch_account(
    connection: &mut Connection,
    session: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update account set last_seen = $1
         where id = (select account from session where id = $2) and coalesce(last_seen, 0) < $1",
    )
    .bind(at.as_micros())
    .bind(session)
    .execute(connection)
    .await?;
    Ok(())
}
