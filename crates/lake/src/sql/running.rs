//! Statements that run: their limits, their cancellation, their rows.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use futures::{Stream, StreamExt};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinHandle};
use trunkline_log::Offset;
use trunkline_model::Timestamp;

use super::Engine;
use super::visible::Visible;
use crate::registry::Registry;
use crate::{Lake, LakeError};

/// How long a statement waits for its turn where too many run.
const TURN: Duration = Duration::from_secs(2);

/// What is to be run.
#[derive(Clone, Debug)]
pub enum Query {
    /// SQL.
    Text(String),
    /// A plan that a protocol adapter made of SQL and its parameters.
    Plan(Box<LogicalPlan>),
}

/// A statement and its limits.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What is to be run.
    pub query: Query,
    /// Its SQL, for people who look at what is running.
    pub text: String,
    /// The name under which it can be cancelled.
    pub id: String,
    /// Who asked.
    pub principal: String,
    /// How much of each table whoever asked may see.
    pub visible: Arc<dyn Visible>,
    /// How many rows are wanted at the most; none is all.
    pub limit: Option<usize>,
    /// How long it may run; none is the lake's default.
    pub timeout: Option<Duration>,
}

/// A statement that is running.
#[derive(Clone, Debug)]
pub struct RunningStatement {
    /// The name under which it can be cancelled.
    pub id: String,
    /// The SQL.
    pub query: String,
    /// Who asked.
    pub principal: String,
    /// When it began.
    pub started: Timestamp,
}

#[derive(Debug)]
struct Entry {
    statement: RunningStatement,
    cancel: Arc<Notify>,
}

/// All statements that run.
#[derive(Debug, Default)]
pub(super) struct Statements(Arc<Mutex<BTreeMap<String, Entry>>>);

/// A statement's work, which ends with whoever watches it.
#[derive(Debug)]
struct Worker(JoinHandle<()>);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Takes a statement off the list when it ends, however it ends.
#[derive(Debug)]
struct Listed {
    id: String,
    entries: Arc<Mutex<BTreeMap<String, Entry>>>,
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(&self.id);
    }
}

impl Statements {
    fn list(&self, statement: RunningStatement) -> Result<(Listed, Arc<Notify>), LakeError> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = statement.id.clone();
        if entries.contains_key(&id) {
            return Err(LakeError::Taken(format!(
                "a statement `{id}` is running already"
            )));
        }
        let cancel = Arc::new(Notify::new());
        entries.insert(
            id.clone(),
            Entry {
                statement,
                cancel: Arc::clone(&cancel),
            },
        );
        let listed = Listed {
            id,
            entries: Arc::clone(&self.0),
        };
        Ok((listed, cancel))
    }

    pub(super) fn all(&self) -> Vec<RunningStatement> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .values()
            .map(|entry| entry.statement.clone())
            .collect()
    }

    pub(super) fn cancel(&self, id: &str) -> Result<(), LakeError> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries
            .get(id)
            .ok_or_else(|| LakeError::UnknownStatement(id.into()))?;
        entry.cancel.notify_one();
        Ok(())
    }
}

/// The rows of a statement as they come. Dropping it ends the statement.
#[derive(Debug)]
pub struct RowStream {
    schema: SchemaRef,
    visible: Offset,
    /// Rows that came before it was known which columns they have.
    first: Option<RecordBatch>,
    rows: mpsc::Receiver<Result<RecordBatch, LakeError>>,
    left: Option<usize>,
    truncated: bool,
    task: AbortHandle,
}

impl RowStream {
    /// The columns.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Every event before this offset was seen by the statement.
    #[must_use]
    pub const fn visible(&self) -> Offset {
        self.visible
    }

    /// Whether rows were left out because of the limit; known once the stream has ended.
    #[must_use]
    pub const fn truncated(&self) -> bool {
        self.truncated
    }
}

impl Stream for RowStream {
    type Item = Result<RecordBatch, LakeError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.truncated {
            return Poll::Ready(None);
        }
        let item = match self.first.take() {
            Some(batch) => Some(Ok(batch)),
            None => match self.rows.poll_recv(context) {
                Poll::Ready(item) => item,
                Poll::Pending => return Poll::Pending,
            },
        };
        let (Some(Ok(batch)), Some(left)) = (&item, self.left) else {
            return Poll::Ready(item);
        };
        if batch.num_rows() <= left {
            self.left = Some(left - batch.num_rows());
            return Poll::Ready(item);
        }
        self.truncated = true;
        Poll::Ready((left > 0).then(|| Ok(batch.slice(0, left))))
    }
}

impl Drop for RowStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Lake {
    /// Runs a statement that reads; its rows come as they are found.
    ///
    /// # Errors
    /// [`LakeError`] when it cannot be planned, would write, or has no turn; later errors come in the stream.
    pub async fn query(&self, statement: Statement) -> Result<RowStream, LakeError> {
        let engine = self.engine();
        let turn = tokio::time::timeout(TURN, Arc::clone(&engine.permits).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(LakeError::TooManyStatements(
                engine.config.query_concurrency,
            ));
        };
        let timeout = statement
            .timeout
            .unwrap_or(Duration::from_millis(engine.config.query_timeout_ms));
        let (listed, cancel) = engine.statements.list(RunningStatement {
            id: statement.id,
            query: statement.text,
            principal: statement.principal,
            started: self.clock().now(),
        })?;
        let visible = self.visible();
        let (send, mut rows) = mpsc::channel(4);
        let (planned, mut plan) = oneshot::channel();
        let work = run(
            Arc::clone(engine),
            Arc::clone(self.registry()),
            (statement.query, statement.visible),
            planned,
            send.clone(),
        );
        let worker = Worker(engine.threads()?.spawn(work));
        // Watched from the threads of requests: those of statements may all be busy with this very one.
        let task = tokio::spawn(async move {
            let until_the_end = (turn, listed);
            let mut worker = worker;
            let stopped = tokio::select! {
                _ = &mut worker.0 => return,
                () = cancel.notified() => LakeError::Cancelled,
                () = tokio::time::sleep(timeout) => {
                    LakeError::Timeout(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX))
                }
            };
            drop(worker);
            // Before the reason is told: whoever hears it may ask again at once, under the same name.
            drop(until_the_end);
            drop(send.send(Err(stopped)).await);
        });
        let (schema, first) = tokio::select! {
            biased;
            Ok(schema) = &mut plan => (schema?, None),
            // Stopped before it was planned: the reason is the only thing in the channel. Or it was planned and went on between the one question and
            // the other.
            first = rows.recv() => {
                let first = first.transpose()?;
                (plan.try_recv().map_err(|_| LakeError::Cancelled)??, first)
            }
        };
        Ok(RowStream {
            schema,
            visible,
            first,
            rows,
            left: statement.limit,
            truncated: false,
            task: task.abort_handle(),
        })
    }
}

/// Plans `query`, says which columns it has, and sends its rows.
async fn run(
    engine: Arc<Engine>,
    registry: Arc<Registry>,
    (query, visible): (Query, Arc<dyn Visible>),
    planned: oneshot::Sender<Result<SchemaRef, LakeError>>,
    rows: mpsc::Sender<Result<RecordBatch, LakeError>>,
) {
    let physical = match engine.plan(&registry, &query, &*visible).await {
        Ok(physical) => physical,
        Err(error) => {
            drop(planned.send(Err(error)));
            return;
        }
    };
    if planned.send(Ok(physical.schema())).is_err() {
        return;
    }
    match execute_stream(physical, engine.context().task_ctx()) {
        Ok(mut stream) => {
            while let Some(batch) = stream.next().await {
                let ended = batch.is_err();
                if rows.send(batch.map_err(LakeError::from)).await.is_err() || ended {
                    return;
                }
            }
        }
        Err(error) => drop(rows.send(Err(error.into())).await),
    }
}

impl Engine {
    /// The statements that run now.
    pub(crate) fn running(&self) -> Vec<RunningStatement> {
        self.statements.all()
    }

    /// Stops the statement called `id`.
    pub(crate) fn cancel(&self, id: &str) -> Result<(), LakeError> {
        self.statements.cancel(id)
    }
}
