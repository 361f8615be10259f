//! Storage that fails some of the time.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use trunkline_lake::{Lake, Storage};
use trunkline_log::{DiskLog, EventLog};
use trunkline_model::ManualClock;

use crate::support::{append, noon, open, quiet, table};

/// What the storage does wrong.
#[derive(Debug, Default)]
struct Faults {
    /// Every third write is refused.
    refusing: AtomicBool,
    refused: AtomicU64,
    /// The next commit is written, and its answer lost.
    losing_answer: AtomicBool,
    /// From a lost answer on, nothing can be read.
    then_unreadable: AtomicBool,
    unreadable: AtomicBool,
}

fn fault(text: &'static str) -> Error {
    Error::Generic {
        store: "unreliable",
        source: text.into(),
    }
}

/// Storage with faults that a test switches on and off.
#[derive(Debug)]
struct Unreliable {
    inner: Arc<dyn ObjectStore>,
    writes: AtomicU64,
    faults: Arc<Faults>,
}

impl Unreliable {
    fn readable(&self) -> Result<()> {
        if self.faults.unreadable.load(Ordering::Relaxed) {
            return Err(fault("the connection was reset"));
        }
        Ok(())
    }
}

impl fmt::Display for Unreliable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreliable")
    }
}

#[async_trait]
impl ObjectStore for Unreliable {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let third = self.writes.fetch_add(1, Ordering::Relaxed) % 3 == 2;
        if third && self.faults.refusing.load(Ordering::Relaxed) {
            self.faults.refused.fetch_add(1, Ordering::Relaxed);
            return Err(fault("503 slow down"));
        }
        let commit =
            location.as_ref().contains("_delta_log/") && location.as_ref().ends_with(".json");
        if commit && self.faults.losing_answer.swap(false, Ordering::Relaxed) {
            self.inner.put_opts(location, payload, options).await?;
            let then = self.faults.then_unreadable.load(Ordering::Relaxed);
            self.faults.unreadable.store(then, Ordering::Relaxed);
            return Err(fault("the connection was reset before the answer"));
        }
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.readable()?;
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.readable() {
            Ok(()) => self.inner.list(prefix),
            Err(error) => stream::once(async { Err(error) }).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.readable()?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

struct Bench {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
    faults: Arc<Faults>,
    log: Arc<DiskLog>,
    lake: Arc<Lake>,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(noon()));
        // The tables are made on good storage; what is under test is the life after.
        let (log, lake) = open(folder.path(), quiet(), &clock, 1, None).await.unwrap();
        lake.close().await.unwrap();
        log.close().await;
        drop((log, lake));
        let faults = Arc::new(Faults::default());
        let storage = Storage::open(&quiet(), folder.path())
            .unwrap()
            .wrapped(|inner| {
                Arc::new(Unreliable {
                    inner,
                    writes: AtomicU64::new(0),
                    faults: Arc::clone(&faults),
                })
            });
        let (log, lake) = open(folder.path(), quiet(), &clock, 2, Some(storage))
            .await
            .unwrap();
        Self {
            folder,
            clock,
            faults,
            log,
            lake,
        }
    }

    async fn two_readings(&self, round: usize) {
        let messages = [format!("device-{round},1"), format!("device-{round},2")];
        let next = append(&*self.log, &messages).await;
        self.lake.wait_visible(next).await;
    }

    async fn sees(&self, rows: usize) {
        let seen = table(&self.lake, SEEN).await.unwrap();
        assert_eq!(seen, format!("{rows},{rows}"));
    }

    /// Opens the same data on good storage, as a start after a crash does.
    async fn reopened_sees(self, rows: usize) {
        self.lake.abandon();
        self.log.close().await;
        let next = self.log.bounds().next;
        drop((self.lake, self.log));
        let (_log, lake) = open(self.folder.path(), quiet(), &self.clock, 3, None)
            .await
            .unwrap();
        lake.wait_visible(next).await;
        assert_eq!(table(&lake, SEEN).await.unwrap(), format!("{rows},{rows}"));
    }
}

const SEEN: &str = "select count(*), count(distinct \"offset\") from telemetry";

#[tokio::test]
async fn storage_that_refuses_writes_loses_and_doubles_nothing() {
    let bench = Bench::new().await;
    bench.faults.refusing.store(true, Ordering::Relaxed);
    let mut failures = 0;
    for round in 0..20 {
        bench.two_readings(round).await;
        failures += usize::from(bench.lake.flush().await.is_err());
        bench.sees(2 * (round + 1)).await;
    }
    let refused = bench.faults.refused.load(Ordering::Relaxed);
    assert!(failures > 0 && refused > 0, "the faults came to pass");
    assert_eq!(bench.lake.stats().flush_failures as usize, failures);
    bench.reopened_sees(40).await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_again() {
    let bench = Bench::new().await;
    bench.two_readings(0).await;
    bench.faults.losing_answer.store(true, Ordering::Relaxed);
    bench.lake.flush().await.unwrap();
    bench.sees(2).await;
    assert_eq!(bench.lake.table("telemetry").unwrap().hot_rows, 0);
    bench.two_readings(1).await;
    bench.lake.flush().await.unwrap();
    bench.sees(4).await;
    bench.reopened_sees(4).await;
}

#[tokio::test]
async fn a_lost_answer_that_cannot_be_looked_up_yet_doubles_nothing_later() {
    let bench = Bench::new().await;
    bench.two_readings(0).await;
    bench.faults.losing_answer.store(true, Ordering::Relaxed);
    bench.faults.then_unreadable.store(true, Ordering::Relaxed);
    assert!(bench.lake.flush().await.is_err());
    bench.sees(2).await;
    bench.two_readings(1).await;
    bench.faults.unreadable.store(false, Ordering::Relaxed);
    // Maintenance may be the first to see the version that landed.
    bench.lake.maintain().await.unwrap();
    bench.sees(4).await;
    bench.lake.flush().await.unwrap();
    bench.sees(4).await;
    bench.reopened_sees(4).await;
}

#[tokio::test]
async fn a_flush_that_meets_its_own_lost_commit_doubles_nothing() {
    let bench = Bench::new().await;
    bench.two_readings(0).await;
    bench.faults.losing_answer.store(true, Ordering::Relaxed);
    bench.faults.then_unreadable.store(true, Ordering::Relaxed);
    assert!(bench.lake.flush().await.is_err());
    bench.two_readings(1).await;
    bench.faults.unreadable.store(false, Ordering::Relaxed);
    // The first try meets the version that landed and learns of it; the second writes the rest.
    drop(bench.lake.flush().await);
    bench.sees(4).await;
    bench.lake.flush().await.unwrap();
    bench.sees(4).await;
    bench.reopened_sees(4).await;
}
