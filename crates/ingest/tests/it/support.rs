//! A log in memory that can be made to fail, and the routers around it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use serde_json::Value;
use tower::ServiceExt as _;
use trunkline_ingest::{Ingest, IngestConfig};
use trunkline_log::{Appended, Batch, Bounds, CursorState, EventLog, LogError, Offset, Record};
use trunkline_model::{
    Clock as _, ManualClock, Principal, PrincipalKind, Scope, SeededIds, Timestamp,
};
use trunkline_web::{Caller, ClientAddress, ScopesAlone};

use crate::rows::{Row, rows_of};

/// The time that the clock of every test shows: 2026-11-24T18:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_543_200_000);

/// A log that forgets when it is dropped.
#[derive(Debug)]
pub(crate) struct MemoryLog {
    records: Mutex<Vec<Record>>,
    keys: Mutex<HashSet<u128>>,
    failure: AtomicU8,
    clock: Arc<ManualClock>,
}

/// How the log refuses what comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    None = 0,
    Full = 1,
    Busy = 2,
    Closed = 3,
}

impl MemoryLog {
    pub(crate) fn fail(&self, failure: Failure) {
        self.failure.store(failure as u8, Ordering::SeqCst);
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.records.lock().unwrap().clone()
    }

    fn check(&self) -> Result<(), LogError> {
        match self.failure.load(Ordering::SeqCst) {
            1 => Err(LogError::Full {
                free_bytes: 1,
                reserve_bytes: 2,
            }),
            2 => Err(LogError::Busy { queued_bytes: 3 }),
            3 => Err(LogError::Closed),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(&self, batch: Batch) -> Result<Appended, LogError> {
        self.check()?;
        assert!(
            batch.keys.is_empty() || batch.keys.len() == batch.len(),
            "a key for each message or none"
        );
        assert_eq!(
            batch.ends.last().copied(),
            Some(u32::try_from(batch.body.len()).unwrap()),
            "the last end is the length"
        );
        let mut records = self.records.lock().unwrap();
        let mut keys = self.keys.lock().unwrap();
        let base = records.last().map_or(Offset(0), Record::next);
        let (mut body, mut ends, mut start) = (Vec::new(), Vec::new(), 0);
        for (index, end) in batch.ends.iter().enumerate() {
            if batch.keys.get(index).is_none_or(|key| keys.insert(*key)) {
                body.extend_from_slice(&batch.body[start..*end as usize]);
                ends.push(u32::try_from(body.len()).unwrap());
            }
            start = *end as usize;
        }
        let duplicates = u32::try_from(batch.len() - ends.len()).unwrap();
        let next = base.plus(ends.len() as u64);
        if !ends.is_empty() {
            records.push(Record {
                base,
                appended_at: self.clock.now(),
                kind: batch.kind,
                header: batch.header,
                body: body.into(),
                ends: ends.into(),
            });
        }
        Ok(Appended {
            first: base,
            next,
            duplicates,
        })
    }

    fn bounds(&self) -> Bounds {
        let next = self
            .records
            .lock()
            .unwrap()
            .last()
            .map_or(Offset(0), Record::next);
        Bounds {
            first: Offset(0),
            next,
            bytes: 0,
            segments: 0,
        }
    }

    async fn read(&self, from: Offset, _max_bytes: usize) -> Result<Vec<Record>, LogError> {
        Ok(self
            .records()
            .into_iter()
            .filter(|record| record.next() > from)
            .collect())
    }

    async fn next_readable(&self, from: Offset) -> Result<Offset, LogError> {
        // Nothing in memory is ever damaged.
        Ok(from)
    }

    async fn wait_for(&self, _offset: Offset) -> Result<(), LogError> {
        Err(LogError::Closed)
    }

    fn cursors(&self) -> Vec<CursorState> {
        Vec::new()
    }

    async fn commit(&self, _name: &str, _offset: Offset, _archiving: bool) -> Result<(), LogError> {
        Ok(())
    }

    async fn forget(&self, _name: &str) -> Result<(), LogError> {
        Ok(())
    }

    async fn close(&self) {}
}

/// Ingest over a log in memory.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ingest: Ingest,
    router: Router,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(&IngestConfig::default())
    }

    pub(crate) fn with(config: &IngestConfig) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let log = Arc::new(MemoryLog {
            records: Mutex::default(),
            keys: Mutex::default(),
            failure: AtomicU8::new(0),
            clock: Arc::clone(&clock),
        });
        let ids = Arc::new(SeededIds::new(1));
        let ingest = Ingest::new(
            Arc::clone(&log) as Arc<dyn EventLog>,
            Arc::clone(&clock) as _,
            ids,
            config,
        );
        let (router, _) = ingest.router().split_for_parts();
        Self {
            log,
            clock,
            ingest,
            router,
        }
    }

    /// Sends a request as a program that may write.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_as(sender(&[Scope::Write]), request).await
    }

    pub(crate) async fn send_as(&self, principal: Principal, mut request: Request<Body>) -> Answer {
        let caller = Caller::new(principal, ClientAddress::UNKNOWN, Arc::new(ScopesAlone));
        request.extensions_mut().insert(caller);
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// All rows of a table that the log gives.
    pub(crate) fn rows(&self, table: &str) -> Vec<Row> {
        rows_of(&self.log.records(), table)
    }
}

/// A program with a token.
pub(crate) fn sender(scopes: &[Scope]) -> Principal {
    Principal::new(PrincipalKind::Token, "tok_1", "ci", scopes.into())
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// A POST of `body`.
pub(crate) fn post(path: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("content-type", content_type);
    request.body(body.into()).unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}
