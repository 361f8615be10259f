//! The tables `team` and `team_member`.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_store::{Connection, StoreError};

use super::column::{parsed, time};
use crate::model::{Member, Team, TeamId};

/// Writes a new team; false when the name is taken.
pub(crate) async fn insert_team(
    connection: &mut Connection,
    id: TeamId,
    name: &str,
    created: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into team (id, name, created) values ($1, $2, $3) on conflict (name) do nothing",
    )
    .bind(id.to_string())
    .bind(name)
    .bind(created.as_micros())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The id of the team called `name`.
pub(crate) async fn find_team(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<TeamId>, StoreError> {
    let row = sqlx::query("select id from team where name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    row.map(|row| parsed(&row, "id")).transpose()
}

/// How many teams there are.
pub(crate) async fn count_teams(connection: &mut Connection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("select count(*) from team")
        .fetch_one(connection)
        .await?)
}

/// Removes a team and everybody from it.
pub(crate) async fn remove_team(connection: &mut Connection, id: TeamId) -> Result<(), StoreError> {
    sqlx::query("delete from team_member where team = $1")
        .bind(id.to_string())
        .execute(&mut *connection)
        .await?;
    sqlx::query("delete from team where id = $1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts a person or service account into a team; false when it is there already.
pub(crate) async fn join_team(
    connection: &mut Connection,
    team: TeamId,
    member: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into team_member (team, member) values ($1, $2) on conflict (team, member) do nothing",
    )
    .bind(team.to_string())
    .bind(member)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes somebody out of a team; false when it was not there.
pub(crate) async fn leave_team(
    connection: &mut Connection,
    team: TeamId,
    member: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("delete from team_member where team = $1 and member = $2")
        .bind(team.to_string())
        .bind(member)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The names of the teams of `member`, in the order of the alphabet.
pub(crate) async fn teams_of(
    connection: &mut Connection,
    member: &str,
) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar(
        "select t.name from team_member m join team t on t.id = m.team where m.member = $1 order by t.name",
    )
    .bind(member)
    .fetch_all(connection)
    .await?;
    Ok(names)
}

/// All teams with their people, in the order of their names.
pub(crate) async fn teams(connection: &mut Connection) -> Result<Vec<Team>, StoreError> {
    let rows = sqlx::query(
        "select t.name, t.created, m.member, coalesce(a.name, s.name) as member_name
         from team t left join team_member m on m.team = t.id
         left join account a on a.id = m.member
         left join service_account s on s.id = m.member and s.removed is null
         order by t.name, member_name, m.member",
    )
    .fetch_all(connection)
    .await?;
    let mut teams: Vec<Team> = Vec::new();
    for row in rows {
        let name: String = row.try_get("name")?;
        if teams.last().is_none_or(|team| team.name != name) {
            teams.push(Team {
                name,
                members: Vec::new(),
                created: time(&row, "created")?,
            });
        }
        let member: Option<String> = row.try_get("member")?;
        let member_name: Option<String> = row.try_get("member_name")?;
        if let (Some(team), Some(id), Some(name)) = (teams.last_mut(), member, member_name) {
            team.members.push(Member { id, name });
        }
    }
    Ok(teams)
}
