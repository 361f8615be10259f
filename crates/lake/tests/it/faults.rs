//! Storage that fails some of the time.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use trunkline_lake::Storage;
use trunkline_log::EventLog;
use trunkline_model::ManualClock;

use crate::support::{append, noon, open, quiet, table};

/// Refuses every third write while it is told to.
#[derive(Debug)]
struct Unreliable {
    inner: Arc<dyn ObjectStore>,
    writes: AtomicU64,
    refused: Arc<AtomicU64>,
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
        if self.writes.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Error::Generic {
                store: "unreliable",
                source: "503 slow down".into(),
            });
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
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[tokio::test]
async fn storage_that_refuses_writes_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(noon()));
    let refused = Arc::new(AtomicU64::new(0));
    // The tables are made on good storage; what is under test is the life after.
    let (log, lake) = open(folder.path(), quiet(), &clock, 1, None).await.unwrap();
    lake.close().await.unwrap();
    log.close().await;
    drop((log, lake));
    let storage = Storage::open(&quiet(), folder.path())
        .unwrap()
        .wrapped(|inner| {
            Arc::new(Unreliable {
                inner,
                writes: AtomicU64::new(0),
                refused: Arc::clone(&refused),
            })
        });
    let (log, lake) = open(folder.path(), quiet(), &clock, 2, Some(storage))
        .await
        .unwrap();
    let mut failures = 0;
    for round in 0..20 {
        let next = append(
            &*log,
            &[format!("device-{round},1"), format!("device-{round},2")],
        )
        .await;
        lake.wait_visible(next).await;
        failures += usize::from(lake.flush().await.is_err());
        let seen = table(
            &lake,
            "select count(*), count(distinct \"offset\") from telemetry",
        )
        .await
        .unwrap();
        assert_eq!(seen, format!("{0},{0}", 2 * (round + 1)));
    }
    assert!(
        failures > 0 && refused.load(Ordering::Relaxed) > 0,
        "the faults came to pass"
    );
    assert_eq!(lake.stats().flush_failures as usize, failures);
}
