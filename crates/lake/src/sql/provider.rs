//! A table as statements see it: files and waiting rows as one.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::catalog::Reach;
use super::scan::{Scan, scan};
use crate::Present;
use crate::delta::ColdFile;
use crate::schema::TableSchema;
use crate::table::Table;

/// What a scan reads.
#[derive(Debug)]
enum Source {
    /// A live table: each scan takes its state at that moment.
    Live(Arc<Table>),
    /// A table that another room holds: each scan takes its rows at that moment.
    Present(Arc<dyn Present>),
    /// Some files and nothing else; for compaction and erasure.
    Files(Vec<ColdFile>),
}

/// A table of the lake, or some files of one.
#[derive(Debug)]
pub(super) struct LakeTable {
    source: Source,
    schema: SchemaRef,
    reach: Reach,
}

impl LakeTable {
    /// All of `table`.
    pub(super) fn live(table: Arc<Table>, reach: Reach) -> Self {
        let schema = table.schema().arrow();
        Self {
            source: Source::Live(table),
            schema,
            reach,
        }
    }

    /// All of a table that another room holds.
    pub(super) fn present(table: Arc<dyn Present>, reach: Reach) -> Self {
        let schema = table.schema().arrow();
        Self {
            source: Source::Present(table),
            schema,
            reach,
        }
    }

    /// Only `files`, of a table of that shape.
    pub(super) fn of_files(schema: &TableSchema, files: &[ColdFile], reach: Reach) -> Self {
        Self {
            source: Source::Files(files.to_vec()),
            schema: schema.arrow(),
            reach,
        }
    }
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted = |files: &[ColdFile], rows| {
            let wanted = Scan {
                arrow: &self.schema,
                files,
                rows,
                projection,
                filters,
                limit,
            };
            scan(session, &self.reach, &wanted)
        };
        match &self.source {
            Source::Files(files) => wanted(files, Vec::new()),
            Source::Present(table) => {
                let rows = table.rows().await;
                wanted(&[], rows.map_err(DataFusionError::Execution)?)
            }
            Source::Live(table) => {
                let view = table.view();
                let waiting = view.hot.batches().iter();
                let rows = waiting.map(|batch| batch.rows.clone()).collect();
                wanted(&view.cold.files, rows)
            }
        }
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}
