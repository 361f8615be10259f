//! What there is to say about the tables, and changes of their shape.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use datafusion::common::ScalarValue;
use serde::Serialize;
use trunkline_log::Offset;
use trunkline_model::Timestamp;

use crate::delta::ColdFile;
use crate::schema::{Column, ColumnType, DAY, OFFSET, TIME};
use crate::sql::PlannedView;
use crate::table::{Table, View, erase};
use crate::tables::{self, EXTRA, envelope_columns};
use crate::{Lake, LakeError, Present, TableSchema};

/// A table, as people look at it.
#[derive(Clone, Debug, Serialize)]
pub struct TableDescription {
    /// Its shape.
    pub schema: Arc<TableSchema>,
    /// Rows, those in memory included.
    pub rows: u64,
    /// Rows that wait in memory.
    pub hot_rows: u64,
    /// Its files.
    pub files: Vec<FileDescription>,
    /// Bytes of its files.
    pub bytes: u64,
    /// The oldest and the newest `time`.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Every event before this offset is in its files.
    pub committed: Offset,
    /// The Delta version.
    pub version: u64,
    /// Days that rows are kept, where the table says so itself.
    pub retention_days: Option<u32>,
    /// Whether it shows how things are now: then it has no files, and its rows were counted when they were last asked for.
    pub present: bool,
    /// What it is made of, where it is a view: then it has no files, and nobody counted its rows.
    pub view: Option<ViewDescription>,
}

/// What a view is made of.
#[derive(Clone, Debug, Serialize)]
pub struct ViewDescription {
    /// What it tells, for people.
    pub about: String,
    /// Its statement.
    pub query: String,
    /// The tables that it reads in the end, by name: whoever may read all of them may read it.
    pub tables: Vec<String>,
}

/// A file of a table.
#[derive(Clone, Debug, Serialize)]
pub struct FileDescription {
    /// Its path in the table's folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// Its oldest and newest `time`.
    pub span: Option<(Timestamp, Timestamp)>,
    /// When it was written.
    pub modified: Timestamp,
}

/// Counters and levels of the lake.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LakeStats {
    /// Rows that wait in memory.
    pub hot_rows: u64,
    /// Bytes of memory that they take.
    pub hot_bytes: u64,
    /// Every event before it is seen by statements.
    pub visible: Offset,
    /// Every event before it is in a Delta table.
    pub committed: Offset,
    /// Commits of waiting rows since the start.
    pub flushes: u64,
    /// Writes of waiting rows that storage refused.
    pub flush_failures: u64,
    /// Files that compaction replaced.
    pub compacted_files: u64,
    /// Files that no version needed any longer and that were deleted.
    pub vacuumed_files: u64,
    /// How many tables there are.
    pub tables: u64,
}

type Span = Option<(Timestamp, Timestamp)>;

fn join(a: Span, b: Span) -> Span {
    match (a, b) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

fn file_span(file: &ColdFile, time: usize) -> Span {
    let column = file.statistics.column_statistics.get(time)?;
    let micros = |value: Option<&ScalarValue>| match value {
        Some(ScalarValue::TimestampMicrosecond(Some(micros), _)) => {
            Some(Timestamp::from_micros(*micros))
        }
        _ => None,
    };
    Some((
        micros(column.min_value.get_value())?,
        micros(column.max_value.get_value())?,
    ))
}

fn hot_span(view: &View) -> Span {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::compute::{max, min};
    use datafusion::arrow::datatypes::TimestampMicrosecondType;
    view.hot.batches().iter().fold(None, |span, batch| {
        let times = batch
            .rows
            .column_by_name(TIME)
            .and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        let bounds = times.and_then(|times| Some((min(times)?, max(times)?)));
        join(
            span,
            bounds.map(|(a, b)| (Timestamp::from_micros(a), Timestamp::from_micros(b))),
        )
    })
}

fn describe(table: &Table) -> TableDescription {
    let view = table.view();
    let schema = Arc::clone(&view.cold.schema);
    let time = schema.index_of(TIME).unwrap_or(1);
    let files: Vec<FileDescription> = view
        .cold
        .files
        .iter()
        .map(|file| FileDescription {
            path: file.relative.clone(),
            bytes: file.bytes,
            rows: file.rows,
            span: file_span(file, time),
            modified: Timestamp::from_millis(file.modified),
        })
        .collect();
    let hot_rows = view.hot.rows() as u64;
    TableDescription {
        rows: hot_rows + files.iter().map(|file| file.rows).sum::<u64>(),
        hot_rows,
        bytes: files.iter().map(|file| file.bytes).sum(),
        span: files
            .iter()
            .fold(hot_span(&view), |span, file| join(span, file.span)),
        files,
        committed: view.cold.committed,
        version: view.cold.version,
        retention_days: view.cold.retention_days,
        schema,
        present: false,
        view: None,
    }
}

fn describe_present(table: &dyn Present) -> TableDescription {
    TableDescription {
        rows: table.count(),
        present: true,
        ..empty(table.schema())
    }
}

fn describe_view(view: &PlannedView) -> TableDescription {
    let declared = view.declared();
    let schema = TableSchema {
        name: declared.name.clone(),
        event_type: None,
        columns: declared.columns.clone(),
        cluster_by: Vec::new(),
    };
    TableDescription {
        view: Some(ViewDescription {
            about: declared.about.clone(),
            query: declared.query.clone(),
            tables: view.reads().to_vec(),
        }),
        ..empty(Arc::new(schema))
    }
}

/// What there is to say about something that keeps no rows itself.
fn empty(schema: Arc<TableSchema>) -> TableDescription {
    TableDescription {
        schema,
        rows: 0,
        hot_rows: 0,
        files: Vec::new(),
        bytes: 0,
        span: None,
        committed: Offset(0),
        version: 0,
        retention_days: None,
        present: false,
        view: None,
    }
}

fn check_name(name: &str, what: &str) -> Result<(), LakeError> {
    let mut letters = name.chars();
    let good = letters
        .next()
        .is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && letters
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && name.len() <= 63;
    if good {
        Ok(())
    } else {
        Err(LakeError::InvalidColumn(format!(
            "`{}` is no name for a {what}: use up to 63 lower-case letters, digits and `_`",
            name.chars().take(64).collect::<String>()
        )))
    }
}

/// How many columns a registered type may declare; other fields live in `extra`.
const MOST_COLUMNS: usize = 200;

fn check_columns(columns: &[Column]) -> Result<(), LakeError> {
    if columns.len() > MOST_COLUMNS {
        return Err(LakeError::InvalidColumn(format!(
            "{} columns are declared, at most {MOST_COLUMNS} may be",
            columns.len()
        )));
    }
    let envelope = envelope_columns();
    for (place, column) in columns.iter().enumerate() {
        check_name(&column.name, "column")?;
        let taken = [OFFSET, DAY, TIME, EXTRA].contains(&column.name.as_str())
            || envelope.iter().any(|known| known.name == column.name)
            || columns
                .iter()
                .take(place)
                .any(|earlier| earlier.name == column.name);
        if taken || column.kind == ColumnType::Date {
            return Err(LakeError::InvalidColumn(format!(
                "the column `{}` stands twice, is one that every table has, or has a type that only the lake uses",
                column.name
            )));
        }
    }
    Ok(())
}

impl Lake {
    /// All tables and views, by name.
    #[must_use]
    pub fn tables(&self) -> Vec<TableDescription> {
        let (own, present) = (self.registry().all(), self.registry().all_present());
        let views = self.registry().all_views();
        let shown = |name: &str| self.registry().find_present(name).is_none();
        let own = own.iter().filter(|table| shown(table.name()));
        let present = present.iter().map(|table| describe_present(&**table));
        let views = views.iter().filter(|view| shown(&view.declared().name));
        let views = views.map(|view| describe_view(view));
        let own = own.map(|table| describe(table));
        let mut all: Vec<TableDescription> = own.chain(present).chain(views).collect();
        all.sort_by(|one, other| one.schema.name.cmp(&other.schema.name));
        all
    }

    /// The table or view called `name`.
    ///
    /// # Errors
    /// [`LakeError::UnknownTable`] when there is none.
    pub fn table(&self, name: &str) -> Result<TableDescription, LakeError> {
        if let Some(table) = self.registry().find_present(name) {
            return Ok(describe_present(&*table));
        }
        match self.registry().find_view(name) {
            Some(view) => Ok(describe_view(&view)),
            None => Ok(describe(&*self.registry().get(name)?)),
        }
    }

    /// Counters and levels.
    #[must_use]
    pub fn stats(&self) -> LakeStats {
        let tables = self.registry().all();
        let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        LakeStats {
            hot_rows: tables
                .iter()
                .map(|table| table.view().hot.rows() as u64)
                .sum(),
            hot_bytes: self.hot_bytes() as u64,
            visible: self.visible(),
            committed: self.committed(),
            flushes: load(&self.counters.flushes),
            flush_failures: load(&self.counters.flush_failures),
            compacted_files: load(&self.counters.compacted_files),
            vacuumed_files: load(&self.counters.vacuumed_files),
            tables: tables.len() as u64,
        }
    }

    /// Gives an event type its own table, or adds columns to the one it has. Events that came earlier stay where they are.
    ///
    /// # Errors
    /// [`LakeError::Taken`] when the table or the type belongs to another, or a column has another type already;
    /// [`LakeError::InvalidColumn`] when a name is not well-formed.
    pub async fn register(
        &self,
        event_type: &str,
        table: &str,
        columns: Vec<Column>,
        cluster_by: Vec<String>,
    ) -> Result<Arc<TableSchema>, LakeError> {
        check_name(table, "table")?;
        self.registry().check_free(table)?;
        check_columns(&columns)?;
        let holder = self
            .registry()
            .all()
            .into_iter()
            .find(|other| other.schema().event_type.as_deref() == Some(event_type));
        if let Some(holder) = &holder
            && holder.name() != table
        {
            return Err(LakeError::Taken(format!(
                "`{event_type}` has the table `{}`",
                holder.name()
            )));
        }
        match self.registry().find(table) {
            Some(existing) if existing.schema().event_type.as_deref() == Some(event_type) => {
                self.evolve(&existing, columns).await
            }
            Some(_) => Err(LakeError::Taken(format!("`{table}` holds other events"))),
            None => self.create(event_type, table, columns, cluster_by).await,
        }
    }

    /// Gives rows that are no events a table, or adds columns to the one that they have. Beside `columns` it has the place in the log, the
    /// time and the day.
    ///
    /// # Errors
    /// [`LakeError::Taken`] when the table holds something else, or a column has another type already; [`LakeError::InvalidColumn`] when a
    /// name is not well-formed.
    pub async fn provide(
        &self,
        table: &str,
        columns: Vec<Column>,
    ) -> Result<Arc<TableSchema>, LakeError> {
        check_name(table, "table")?;
        self.registry().check_free(table)?;
        let columns: Vec<Column> = columns
            .into_iter()
            .filter(|column| column.name != TIME)
            .collect();
        check_columns(&columns)?;
        let built_in = tables::built_in().iter().any(|schema| schema.name == table);
        match self.registry().find(table) {
            Some(existing) if existing.schema().event_type.is_none() && !built_in => {
                self.evolve(&existing, columns).await
            }
            Some(_) => Err(LakeError::Taken(format!("`{table}` holds something else"))),
            None => {
                let mut all = head();
                all.extend(columns);
                all.push(Column::new(DAY, ColumnType::Date, tables::DAY_COMMENT));
                self.make(TableSchema {
                    name: table.into(),
                    event_type: None,
                    columns: all,
                    cluster_by: vec![TIME.to_owned()],
                })
                .await
            }
        }
    }

    async fn create(
        &self,
        event_type: &str,
        table: &str,
        columns: Vec<Column>,
        cluster_by: Vec<String>,
    ) -> Result<Arc<TableSchema>, LakeError> {
        let mut all = head();
        all.extend(envelope_columns());
        all.extend(columns);
        all.push(Column::new(
            EXTRA,
            ColumnType::Json,
            "Fields that have no column.",
        ));
        all.push(Column::new(DAY, ColumnType::Date, tables::DAY_COMMENT));
        let cluster_by = if cluster_by.is_empty() {
            vec![TIME.to_owned()]
        } else {
            cluster_by
        };
        if let Some(unknown) = cluster_by
            .iter()
            .find(|name| !all.iter().any(|column| &column.name == *name))
        {
            return Err(LakeError::InvalidColumn(format!(
                "there is no column `{unknown}` to cluster by"
            )));
        }
        self.make(TableSchema {
            name: table.into(),
            event_type: Some(event_type.into()),
            columns: all,
            cluster_by,
        })
        .await
    }

    async fn make(&self, schema: TableSchema) -> Result<Arc<TableSchema>, LakeError> {
        // Behind the gate nothing is being decoded, so the table begins exactly after what was decoded without it.
        let _gate = self.gate.lock().await;
        let beginning = Some((&schema, self.visible()));
        let opened = Table::open(self.storage(), &schema.name, beginning).await?;
        let schema = opened.schema();
        self.registry().insert(Arc::new(opened));
        Ok(schema)
    }

    async fn evolve(
        &self,
        table: &Table,
        columns: Vec<Column>,
    ) -> Result<Arc<TableSchema>, LakeError> {
        let schema = table.schema();
        let mut new = Vec::new();
        for column in columns {
            match schema
                .columns
                .iter()
                .find(|known| known.name == column.name)
            {
                None => new.push(column),
                Some(known) if known.kind == column.kind => {}
                Some(known) => {
                    return Err(LakeError::Taken(format!(
                        "the column `{}` has the type {} already",
                        known.name,
                        known.kind.name()
                    )));
                }
            }
        }
        if !new.is_empty() {
            let _gate = self.gate.lock().await;
            table.add_columns(new, self.clock()).await?;
            self.registry().touch();
        }
        Ok(table.schema())
    }

    /// Sets for how many days `table` keeps its rows; none is the lake's default.
    ///
    /// # Errors
    /// [`LakeError`] when there is no such table or storage refuses the commit.
    pub async fn retain(&self, table: &str, days: Option<u32>) -> Result<(), LakeError> {
        self.registry().get(table)?.retain(days, self.clock()).await
    }

    /// Takes out the rows of `table` for which the SQL expression `predicate` is true; says how many there were.
    ///
    /// The rows are gone from the newest version at once, and from storage when the files are cleaned up.
    ///
    /// # Errors
    /// [`LakeError`] when there is no such table, the predicate is no expression over it, or storage fails.
    pub async fn erase(&self, table: &str, predicate: &str) -> Result<u64, LakeError> {
        let table = self.registry().get(table)?;
        erase(self, &table, predicate).await
    }
}

/// The columns that every table begins with.
fn head() -> Vec<Column> {
    vec![
        Column::new(OFFSET, ColumnType::Integer, "Place in the log."),
        Column::new(
            TIME,
            ColumnType::Timestamp,
            "When it happened, as the source says; else when it was taken.",
        ),
    ]
}
