//! The file and its connections.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Notify;

use crate::{StoreConfig, StoreError, Transaction, outbox};

/// After how long it is tried again to open a file that another process is making.
const AGAIN: Duration = Duration::from_millis(5);

/// A connection on which a room runs its statements.
pub type Connection = sqlx::SqliteConnection;

/// Connections that read; a statement can be run on it directly.
pub type Pool = sqlx::SqlitePool;

/// A row that a statement gave.
pub type Row = sqlx::sqlite::SqliteRow;

/// The control state. Cheap to clone; all clones are the same file.
///
/// Another process may open the same file at the same time: each waits for the other's change.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Pool,
    readers: Pool,
    poll: Duration,
    committed: Arc<Notify>,
}

impl Store {
    /// Opens the file at `path`, or makes it so that only this user may read it.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be made or read, or when its outbox is from a later version.
    pub async fn open(path: &Path, config: &StoreConfig) -> Result<Self, StoreError> {
        make_private(path).map_err(|source| StoreError::Open {
            path: path.into(),
            source,
        })?;
        let busy = Duration::from_secs(config.busy_timeout_seconds);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(busy);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(busy.saturating_mul(2).max(Duration::from_secs(1)))
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let writer = first_connection(pool(1), &options, busy).await?;
        let readers =
            pool(config.readers.max(1)).connect_lazy_with(options.pragma("query_only", "on"));
        let store = Self {
            writer,
            readers,
            poll: Duration::from_millis(config.outbox_poll_ms.max(1)),
            committed: Arc::new(Notify::new()),
        };
        store.migrate("store", outbox::MIGRATIONS).await?;
        Ok(store)
    }

    /// Begins a change. It waits for its turn: there is one change at a time.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the turn does not come in time.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        // "immediate" takes the write lock at once; a lock that is only taken at the first write cannot wait for another process.
        let inner = self.writer.begin_with("begin immediate").await?;
        Ok(Transaction::new(inner, Arc::clone(&self.committed)))
    }

    /// Connections for reading. They see what is committed and cannot change anything.
    #[must_use]
    pub const fn readers(&self) -> &Pool {
        &self.readers
    }

    /// Writes everything to the main file and closes it. What follows fails.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Is woken after each change of this process.
    pub(crate) fn committed(&self) -> &Notify {
        &self.committed
    }

    /// How long to wait for a change of another process before looking again.
    pub(crate) const fn poll(&self) -> Duration {
        self.poll
    }
}

/// Connects for the first time. Where another process does so at the same time, one of them may be told at once that the file is locked: to put a
/// new file into its journal mode SQLite waits for nobody.
async fn first_connection(
    pool: SqlitePoolOptions,
    options: &SqliteConnectOptions,
    patience: Duration,
) -> Result<Pool, StoreError> {
    let began = tokio::time::Instant::now();
    loop {
        let connected = pool.clone().connect_with(options.clone()).await;
        match connected.map_err(StoreError::from) {
            Err(StoreError::Busy(_)) if began.elapsed() < patience => {
                tokio::time::sleep(AGAIN).await;
            }
            other => return other,
        }
    }
}

/// Makes an empty file for this user alone. SQLite gives its side files the same permissions.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
