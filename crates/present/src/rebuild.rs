//! All documents made again from the lake's table of their versions, and held against the present ones.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use futures::TryStreamExt as _;
use serde::Deserialize;
use trunkline_fleet::{Fleet, FleetError, Rebuild, Version};
use trunkline_lake::{AllVisible, Lake, Query, Statement};
use trunkline_log::EventLog;
use trunkline_model::{Clock, IdGen, TypedId, action, kind};
use trunkline_twin::Document;
use trunkline_web::{Body, Caller, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Versions that are read at a time.
const READ: usize = 5_000;
/// Twins that are held against the present ones at a time: requests wait meanwhile.
const TOGETHER: usize = 500;
/// Differences that are shown.
const SHOWN: usize = 100;

/// The last versions of the twins behind `after`, a thing and a shadow with a slash between, in this order.
fn versions_after(after: &str) -> String {
    format!(
        "select thing, coalesce(shadow, ''), cast(version as text), cast(to_unixtime(time) as text),
            cast(deleted as text), desired, reported, metadata, cast(\"offset\" as text)
        from (
            select *, thing || '/' || coalesce(shadow, '') as key,
                row_number() over (partition by thing, shadow order by \"offset\" desc) as place
            from twins where thing || '/' || coalesce(shadow, '') > '{}'
        ) where place = 1 order by key limit {READ}",
        after.replace('\'', "''")
    )
}

/// Where in the log all twins of a thing were forgotten the last time. The log says what came first: a clock may go back.
const FORGOTTEN: &str = "select subject, cast(max(\"offset\") as text) from events
    where type = 'trunkline.fleet.twins.forgotten.v1' group by subject";

/// What is needed to make documents again.
#[derive(Clone, Debug)]
pub struct Rebuilder {
    /// The documents as they are.
    pub fleet: Arc<Fleet>,
    /// What was written of them.
    pub lake: Arc<Lake>,
    /// Where it was written first.
    pub log: Arc<dyn EventLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids of statements.
    pub ids: Arc<dyn IdGen>,
}

/// How documents are to be made again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RebuildRequest {
    /// Whether those that differ are put in the place of the present ones; otherwise they are only shown.
    #[serde(default)]
    mend: bool,
}

/// The routes; they need a caller.
pub fn routes(rebuilder: Rebuilder) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(rebuild))
        .with_state(rebuilder)
}

/// Makes the documents of all twins again from the versions in the lake, and compares them byte by byte.
#[utoipa::path(
    post, path = "/v1/fleet/rebuild", tag = "things", operation_id = "rebuildTwins", request_body = RebuildRequest,
    responses(
        (status = 200, description = "how many are the same, and those that are not", body = Rebuild),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn rebuild(
    State(rebuilder): State<Rebuilder>,
    caller: Caller,
    Body(request): Body<RebuildRequest>,
) -> Reply<Json<Rebuild>> {
    caller.require(&action::THING_CHANGE, "")?;
    Ok(Json(rebuilder.rebuild(request.mend).await?))
}

impl Rebuilder {
    /// Makes all documents again; those that differ are put in the place of the present ones where `mend` is set.
    ///
    /// # Errors
    /// [`Problem`] where the lake or the fleet cannot be read.
    pub async fn rebuild(&self, mend: bool) -> Reply<Rebuild> {
        let twins = self.fleet.twins();
        twins.settle().await.map_err(FleetError::from)?;
        self.lake.wait_visible(self.log.bounds().next).await;
        let present = twins.count().await.map_err(FleetError::from)?;
        let forgotten = self.rows(FORGOTTEN, 2).await?;
        let forgotten: HashMap<String, u64> = forgotten
            .into_iter()
            .filter_map(|row| {
                let [thing, at] = <[String; 2]>::try_from(row).ok()?;
                Some((thing, at.parse().ok()?))
            })
            .collect();
        let mut done = Rebuild {
            mended: mend,
            ..Rebuild::default()
        };
        let (mut different, mut known, mut after) = (0, 0, String::new());
        loop {
            let rows = self.rows(&versions_after(&after), 9).await?;
            let [Some(thing), Some(shadow)] =
                [0, 1].map(|column| rows.last().and_then(|row| row.get(column)))
            else {
                break;
            };
            after = format!("{thing}/{shadow}");
            let versions: Vec<Version> = rows
                .into_iter()
                .filter_map(|row| self.version(row, &forgotten))
                .collect();
            done.rebuilt += versions.len() as u64;
            for together in versions.chunks(TOGETHER) {
                let found = twins.compare(together.to_vec(), mend).await;
                let found = found.map_err(FleetError::from)?;
                known += found.present;
                different += found.differences.len() as u64;
                let room = SHOWN.saturating_sub(done.differences.len());
                done.differences
                    .extend(found.differences.into_iter().take(room));
            }
        }
        done.unknown = present.saturating_sub(known);
        done.equal = done.rebuilt - different;
        Ok(done)
    }

    /// A row as a version; nothing where its thing is gone, was another one then, or its version is not remembered any more.
    fn version(&self, row: Vec<String>, forgotten: &HashMap<String, u64>) -> Option<Version> {
        let [
            thing,
            shadow,
            version,
            seconds,
            deleted,
            desired,
            reported,
            metadata,
            at,
        ] = <[String; 9]>::try_from(row).ok()?;
        self.fleet.kind_of(&thing)?;
        let at: u64 = at.parse().ok()?;
        if forgotten.get(&thing).is_some_and(|gone| *gone >= at) {
            return None;
        }
        let (seconds, deleted) = (seconds.parse().ok()?, deleted == "true");
        let now = self.clock.now().as_micros().div_euclid(1_000_000);
        if deleted && now - seconds > Document::REMEMBERED {
            return None;
        }
        Some(Version {
            thing,
            shadow,
            version: version.parse().ok()?,
            seconds,
            deleted,
            desired,
            reported,
            metadata,
        })
    }

    /// The rows of one of the statements above, which have `columns` texts.
    async fn rows(&self, statement: &str, columns: usize) -> Reply<Vec<Vec<String>>> {
        let mut batches = self
            .lake
            .query(Statement {
                query: Query::Text(statement.to_owned()),
                text: statement.to_owned(),
                id: TypedId::<kind::Query>::new(self.ids.ulid(self.clock.now())).to_string(),
                principal: "platform".into(),
                visible: Arc::new(AllVisible),
                limit: None,
                timeout: None,
            })
            .await?;
        let mut rows = Vec::new();
        while let Some(batch) = batches.try_next().await? {
            let mut wide = vec![Vec::with_capacity(columns); batch.num_rows()];
            for column in batch.columns() {
                let texts = trunkline_lake::texts(column)?;
                for (row, text) in wide.iter_mut().zip(texts) {
                    row.push(text);
                }
            }
            rows.append(&mut wide);
        }
        Ok(rows)
    }
}
