//! The tables of reviews and comments.

use sqlx::Row as _;
use trunkline_store::{Connection, Row, StoreError, column};

use crate::{Comment, Review, ReviewVerdict, Side};

fn number(row: &Row, name: &str) -> Result<Option<u32>, StoreError> {
    let value: Option<i64> = row.try_get(name)?;
    Ok(value.and_then(|value| u32::try_from(value).ok()))
}

pub(crate) async fn put_review(
    connection: &mut Connection,
    change: i64,
    review: &Review,
) -> Result<(), StoreError> {
    let verdict = match review.verdict {
        ReviewVerdict::Approved => "approved",
        ReviewVerdict::ChangesWanted => "changes_wanted",
    };
    sqlx::query(
        "insert into change_review (change, reviewer, revision, verdict, time) values ($1, $2, $3, $4, $5)
         on conflict (change, reviewer) do update set revision = excluded.revision, verdict = excluded.verdict, time = excluded.time",
    )
    .bind(change)
    .bind(&review.reviewer)
    .bind(i64::from(review.revision))
    .bind(verdict)
    .bind(review.time.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn reviews(
    connection: &mut Connection,
    change: i64,
) -> Result<Vec<Review>, StoreError> {
    let rows = sqlx::query("select * from change_review where change = $1 order by time, reviewer")
        .bind(change)
        .fetch_all(connection)
        .await?;
    let review = |row: &Row| {
        let verdict: &str = row.try_get("verdict")?;
        Ok(Review {
            reviewer: row.try_get("reviewer")?,
            revision: number(row, "revision")?.unwrap_or(1),
            verdict: if verdict == "approved" {
                ReviewVerdict::Approved
            } else {
                ReviewVerdict::ChangesWanted
            },
            time: column::time(row, "time")?,
        })
    };
    rows.iter().map(review).collect()
}

fn comment_of(row: &Row) -> Result<Comment, StoreError> {
    let side: &str = row.try_get("side")?;
    Ok(Comment {
        id: row.try_get("id")?,
        revision: number(row, "revision")?.unwrap_or(1),
        path: row.try_get("path")?,
        line: number(row, "line")?,
        side: if side == "old" { Side::Old } else { Side::New },
        reply_to: row.try_get("reply_to")?,
        text: row.try_get("text")?,
        resolved: row.try_get("resolved")?,
        author: row.try_get("author")?,
        time: column::time(row, "time")?,
    })
}

pub(crate) async fn insert_comment(
    connection: &mut Connection,
    change: i64,
    comment: &Comment,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into change_comment (id, change, revision, path, line, side, reply_to, text, resolved, author, time)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(&comment.id)
    .bind(change)
    .bind(i64::from(comment.revision))
    .bind(&comment.path)
    .bind(comment.line.map(i64::from))
    .bind(if comment.side == Side::Old { "old" } else { "new" })
    .bind(&comment.reply_to)
    .bind(&comment.text)
    .bind(comment.resolved)
    .bind(&comment.author)
    .bind(comment.time.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn comment(
    connection: &mut Connection,
    change: i64,
    id: &str,
) -> Result<Option<Comment>, StoreError> {
    let row = sqlx::query("select * from change_comment where change = $1 and id = $2")
        .bind(change)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(comment_of).transpose()
}

pub(crate) async fn resolve_comment(
    connection: &mut Connection,
    id: &str,
    resolved: bool,
) -> Result<(), StoreError> {
    sqlx::query("update change_comment set resolved = $2 where id = $1")
        .bind(id)
        .bind(resolved)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn comments(
    connection: &mut Connection,
    change: i64,
) -> Result<Vec<Comment>, StoreError> {
    let rows = sqlx::query("select * from change_comment where change = $1 order by time, id")
        .bind(change)
        .fetch_all(connection)
        .await?;
    rows.iter().map(comment_of).collect()
}

pub(crate) async fn count_comments(
    connection: &mut Connection,
    change: i64,
) -> Result<i64, StoreError> {
    let row = sqlx::query("select count(*) as number from change_comment where change = $1")
        .bind(change)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("number")?)
}
