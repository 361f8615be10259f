//! The service.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use trunkline_model::{Clock, IdGen};
use trunkline_store::Store;

use crate::cache::Cache;
use crate::rebuild::{Compared, Version};
use crate::table::{self, MIGRATIONS, Mark, Row};
use crate::worker::{Asked, Worker};
use crate::{Answer, Journal, Registry, TwinRequest, TwinsError, replay};

/// Requests that wait at the most.
const WAITING: usize = 4_096;
/// Things whose removal is remembered for those who follow the table.
const GONE: usize = 10_000;

/// What the twins need.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where the table is. The fleet's tables must be up to date in it.
    pub store: Store,
    /// The log.
    pub journal: Arc<dyn Journal>,
    /// Who may have twins.
    pub registry: Arc<dyn Registry>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids of events.
    pub ids: Arc<dyn IdGen>,
}

/// The twins of all things.
#[derive(Debug)]
pub struct Twins {
    store: Store,
    asked: Mutex<Option<mpsc::Sender<Asked>>>,
    worker: Mutex<Option<JoinHandle<()>>>,
    gone: Mutex<Gone>,
}

/// Things that were taken away.
#[derive(Debug, Default)]
struct Gone {
    /// How many there were before the first of `names`.
    before: usize,
    names: Vec<Removed>,
}

/// A thing that was taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its name.
    pub thing: String,
    /// Its documents are those that were written up to the time with this number; later ones are of another thing of its name.
    pub written: i64,
}

impl Twins {
    /// Brings the table up to date with the log, and begins to work off requests; a task of the runtime does it.
    ///
    /// # Errors
    /// [`TwinsError`] where the table or the log cannot be used.
    pub async fn open(parts: Parts) -> Result<Self, TwinsError> {
        let store = parts.store;
        store.migrate("twinstore", MIGRATIONS).await?;
        let mut reader = store.readers().acquire().await?;
        let mut number = table::last_number(&mut reader).await?;
        drop(reader);
        number += 1;
        replay::catch_up(&store, &*parts.journal, &*parts.registry, number).await?;
        let worker = Worker {
            store: store.clone(),
            journal: parts.journal,
            registry: parts.registry,
            clock: parts.clock,
            ids: parts.ids,
            cache: Cache::default(),
            number,
            true_to: (0, 0),
            left: false,
            gone: Vec::new(),
            writing: None,
        };
        let (asked, waiting) = mpsc::channel(WAITING);
        Ok(Self {
            store,
            asked: Mutex::new(Some(asked)),
            worker: Mutex::new(Some(tokio::spawn(worker.run(waiting)))),
            gone: Mutex::default(),
        })
    }

    /// Works off a request. What it changed is durable when this returns.
    ///
    /// # Errors
    /// [`TwinsError`] where it could not be worked off; a request that is refused has an answer like any other.
    pub async fn ask(&self, request: TwinRequest) -> Result<Answer, TwinsError> {
        self.send(|way| Asked::Twin(request, way)).await
    }

    /// Forgets all of `thing`, which `by` takes away and which the registry must not know any more.
    ///
    /// # Errors
    /// [`TwinsError`] where that could not be written.
    pub async fn forget(&self, thing: &str, by: &str) -> Result<(), TwinsError> {
        let (name, by) = (thing.to_owned(), by.to_owned());
        let written = self.send(|way| Asked::Forget(name, by, way)).await?;
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        if gone.names.len() >= GONE {
            gone.before += gone.names.len();
            gone.names.clear();
        }
        gone.names.push(Removed {
            thing: thing.to_owned(),
            written,
        });
        Ok(())
    }

    /// The names of the shadows of `thing`, in their order; that of the classic one is empty.
    ///
    /// # Errors
    /// [`TwinsError`] where they cannot be read.
    pub async fn shadows(&self, thing: &str) -> Result<Vec<String>, TwinsError> {
        let thing = thing.to_owned();
        self.send(|way| Asked::Shadows(thing, way)).await
    }

    /// Returns once all that was answered is in the table.
    ///
    /// # Errors
    /// [`TwinsError`] where it cannot be written.
    pub async fn settle(&self) -> Result<(), TwinsError> {
        self.send(Asked::Settle).await
    }

    /// Holds what the log says against the present documents, and puts it in their place where `mend` is set.
    ///
    /// # Errors
    /// [`TwinsError`] where the table cannot be used.
    pub async fn compare(
        &self,
        versions: Vec<Version>,
        mend: bool,
    ) -> Result<Compared, TwinsError> {
        self.send(|way| Asked::Compare(versions, mend, way)).await
    }

    /// At most `count` documents that were written after `after`; whoever asks again with the mark of the last one gets the next. What was
    /// answered less than a second ago may be missing; [`Self::settle`] helps.
    ///
    /// # Errors
    /// [`TwinsError`] where they cannot be read.
    pub async fn written_since(&self, after: &Mark, count: u32) -> Result<Vec<Row>, TwinsError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(table::written_since(&mut reader, after, count).await?)
    }

    /// The things that were taken away since `after`, and what to ask with next; 0 is the beginning. Nothing where that is too long ago:
    /// then all has to be read anew.
    #[must_use]
    pub fn gone_since(&self, after: usize) -> (Option<Vec<Removed>>, usize) {
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        let next = gone.before + gone.names.len();
        let names = after
            .checked_sub(gone.before)
            .and_then(|skipped| gone.names.get(skipped..))
            .map(<[Removed]>::to_vec);
        (names, next)
    }

    /// How many documents there are, deleted ones whose version is remembered included.
    ///
    /// # Errors
    /// [`TwinsError`] where they cannot be counted.
    pub async fn count(&self) -> Result<u64, TwinsError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(table::count_all(&mut reader).await?)
    }

    /// Takes no more requests, and returns when all is in the table.
    pub async fn close(&self) {
        drop(
            self.asked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let worker = self
            .worker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(worker) = worker {
            drop(worker.await);
        }
    }

    async fn send<T>(
        &self,
        asked: impl FnOnce(oneshot::Sender<Result<T, TwinsError>>) -> Asked,
    ) -> Result<T, TwinsError> {
        let way = self
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let (answer, answered) = oneshot::channel();
        way.ok_or(TwinsError::Closed)?
            .send(asked(answer))
            .await
            .map_err(|_| TwinsError::Closed)?;
        answered.await.map_err(|_| TwinsError::Closed)?
    }
}
