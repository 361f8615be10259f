//! A table as statements see it: files and waiting rows as one.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::catalog::Reach;
use super::scan::{Scan, scan};
use crate::delta::ColdFile;
use crate::schema::TableSchema;
use crate::table::{Table, View};

/// A live table: each scan takes the table's state at that moment.
#[derive(Debug)]
pub(super) struct LakeTable {
    table: Arc<Table>,
    reach: Reach,
    schema: SchemaRef,
}

impl LakeTable {
    pub(super) fn new(table: Arc<Table>, reach: Reach) -> Self {
        let schema = table.schema().arrow();
        Self {
            table,
            reach,
            schema,
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
        let view: Arc<View> = self.table.view();
        let rows = view
            .hot
            .batches()
            .iter()
            .map(|batch| batch.rows.clone())
            .collect();
        let wanted = Scan {
            arrow: &self.schema,
            files: &view.cold.files,
            rows,
            projection,
            filters,
            limit,
        };
        scan(session, &self.reach, &wanted)
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}

/// Some files of a table and nothing else; for compaction and erasure.
#[derive(Debug)]
pub(super) struct FileTable {
    schema: SchemaRef,
    files: Vec<ColdFile>,
    reach: Reach,
}

impl FileTable {
    pub(super) fn new(schema: &TableSchema, files: &[ColdFile], reach: Reach) -> Self {
        Self {
            schema: schema.arrow(),
            files: files.to_vec(),
            reach,
        }
    }
}

#[async_trait]
impl TableProvider for FileTable {
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
        let wanted = Scan {
            arrow: &self.schema,
            files: &self.files,
            rows: Vec::new(),
            projection,
            filters,
            limit,
        };
        scan(session, &self.reach, &wanted)
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}
