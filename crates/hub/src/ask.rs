//! Statements that people write into jobs and groups, answered by the lake.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use trunkline_fleet::Ask;
use trunkline_lake::{Lake, LakeError, Query, Sight, Statement, Visible};
use trunkline_model::{Clock, IdGen, TypedId, kind};

/// How long such a statement may run: it is asked again and again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers statements.
#[derive(Debug)]
pub(crate) struct FromLake {
    pub(crate) lake: Arc<OnceLock<Arc<Lake>>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
}

/// What statements of jobs and groups may see: all but who did what, which is for owners.
#[derive(Debug)]
struct NoAudit;

/// The table of who did what.
const AUDIT: &str = "audit";

impl Visible for NoAudit {
    fn sight(&self, table: &str, _: bool) -> Sight {
        if table == AUDIT {
            return Sight::Nothing("jobs and groups of devices do not read it".into());
        }
        Sight::Whole
    }
}

impl FromLake {
    async fn texts(&self, statement: &str, most: usize) -> Result<Vec<String>, String> {
        let lake = self.lake.get().ok_or("there are no tables yet")?;
        let plain = |error: LakeError| error.to_string();
        let mut rows = lake
            .query(Statement {
                query: Query::Text(statement.to_owned()),
                text: statement.to_owned(),
                id: TypedId::<kind::Query>::new(self.ids.ulid(self.clock.now())).to_string(),
                principal: "fleet".into(),
                visible: Arc::new(NoAudit),
                limit: Some(most),
                timeout: Some(PATIENCE),
            })
            .await
            .map_err(plain)?;
        let mut texts = Vec::new();
        while let Some(batch) = rows.try_next().await.map_err(plain)? {
            if batch.num_columns() == 0 {
                return Err("the statement gives no column".into());
            }
            texts.extend(trunkline_lake::texts(batch.column(0)).map_err(plain)?);
        }
        Ok(texts)
    }
}

#[async_trait]
impl Ask for FromLake {
    fn check(&self, statement: &str) -> Result<(), String> {
        trunkline_lake::check_query(statement).map_err(|error| error.to_string())
    }

    async fn holds(&self, statement: &str) -> Result<bool, String> {
        let first = self.texts(statement, 1).await?;
        match first.first().map(String::as_str) {
            None | Some("" | "false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(format!(
                "the statement gives `{other}`, and is to give true or false"
            )),
        }
    }

    async fn names(&self, statement: &str, most: usize) -> Result<Vec<String>, String> {
        let mut names = self.texts(statement, most).await?;
        names.retain(|name| !name.is_empty());
        Ok(names)
    }
}
