//! Reading a request's body within bounds of size, time and memory.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use futures::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use trunkline_model::code;

use crate::error::{IngestError, Refusal};

/// The unit in which memory is handed out.
const UNIT: usize = 1024;

/// What a request of unknown length is given to begin with.
const FIRST_SHARE: usize = 64 * UNIT;

/// How long a request waits for memory.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a sender may fall silent within a request.
const SILENCE: Duration = Duration::from_secs(30);

/// Work on more bytes than this is done beside the threads that serve connections.
const OFFLOAD: usize = 256 * 1024;

/// The memory that all requests share.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    units: Arc<Semaphore>,
    all: u32,
}

/// A share of the memory; it flows back when dropped.
#[derive(Debug)]
pub(crate) struct Share(OwnedSemaphorePermit);

impl Memory {
    pub(crate) fn new(bytes: u64) -> Self {
        let all = u32::try_from(bytes / UNIT as u64)
            .unwrap_or(u32::MAX >> 4)
            .clamp(1, u32::MAX >> 4);
        Self {
            units: Arc::new(Semaphore::new(all as usize)),
            all,
        }
    }

    /// Waits for a share of `bytes`, or of all there is where it is less.
    ///
    /// # Errors
    /// [`IngestError::Busy`] when it took too long.
    pub(crate) async fn share(&self, bytes: usize) -> Result<Share, IngestError> {
        let units = u32::try_from(bytes.div_ceil(UNIT))
            .unwrap_or(u32::MAX)
            .clamp(1, self.all);
        let permit = Arc::clone(&self.units).acquire_many_owned(units);
        match tokio::time::timeout(PATIENCE, permit).await {
            Ok(Ok(permit)) => Ok(Share(permit)),
            _ => Err(IngestError::Busy {
                in_flight: u64::from(self.all) * UNIT as u64,
            }),
        }
    }

    /// Makes `share` larger until it covers `bytes`.
    async fn grow(&self, share: &mut Share, bytes: usize) -> Result<(), IngestError> {
        let held = share.0.num_permits() * UNIT;
        if held < bytes && share.0.num_permits() < self.all as usize {
            let missing = (bytes - held).min((self.all as usize - share.0.num_permits()) * UNIT);
            share.0.merge(self.share(missing).await?.0);
        }
        Ok(())
    }
}

/// A body in memory, with the share that it takes.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) bytes: Bytes,
    _share: Share,
}

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
    Snappy,
}

/// The encoding that a request names.
///
/// # Errors
/// `TL-INGEST-008` for any other.
pub(crate) fn encoding(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else {
        return Ok(Encoding::Plain);
    };
    let name = value.to_str().unwrap_or("?").trim().to_ascii_lowercase();
    match name.as_str() {
        "" | "identity" => Ok(Encoding::Plain),
        "gzip" | "x-gzip" => Ok(Encoding::Gzip),
        "snappy" => Ok(Encoding::Snappy),
        _ => {
            let name: String = name.chars().take(40).collect();
            Err(Refusal::new(
                &code::INGEST_ENCODING,
                format!("the content encoding `{name}` is not known"),
            ))
        }
    }
}

fn too_large(limit: usize) -> Refusal {
    let detail = format!("the request is larger than {limit} bytes");
    Refusal::new(&code::INGEST_TOO_LARGE, detail)
}

/// Reads a body as it was sent, at most `limit` bytes of it.
///
/// # Errors
/// `TL-INGEST-003` as soon as it is known to be larger, before the rest is read; [`IngestError::Busy`] when there is no memory for
/// it; [`IngestError::Broken`] when it ends early or its sender falls silent.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    memory: &Memory,
) -> Result<Held, IngestError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > limit) {
        return Err(too_large(limit).into());
    }
    let mut share = memory.share(announced.unwrap_or(FIRST_SHARE)).await?;
    let mut chunks = body.into_data_stream();
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    loop {
        let chunk = match tokio::time::timeout(SILENCE, chunks.next()).await {
            Ok(None) => break,
            Ok(Some(chunk)) => chunk.map_err(IngestError::Broken)?,
            Err(silence) => return Err(IngestError::Broken(axum::Error::new(silence))),
        };
        let length = first.len() + all.len() + chunk.len();
        if length > limit {
            return Err(too_large(limit).into());
        }
        memory.grow(&mut share, length).await?;
        // A small body comes in one piece and is never copied.
        if first.is_empty() && all.is_empty() {
            first = chunk;
        } else {
            if all.is_empty() {
                all.reserve(announced.unwrap_or(length * 2).max(length));
                all.extend_from_slice(&std::mem::take(&mut first));
            }
            all.extend_from_slice(&chunk);
        }
    }
    let bytes = if all.is_empty() { first } else { all.freeze() };
    Ok(Held {
        bytes,
        _share: share,
    })
}

/// Undoes gzip, to at most `limit` bytes.
///
/// # Errors
/// `TL-INGEST-003` where it would become larger, `TL-INGEST-001` where it is not gzip; [`IngestError::Busy`] when there is no memory.
pub(crate) async fn unpack(held: Held, limit: usize, memory: &Memory) -> Result<Held, IngestError> {
    // What it will become is not known before; a guess keeps honest requests within the common memory.
    let guess = held.bytes.len().saturating_mul(8).clamp(FIRST_SHARE, limit);
    let share = memory.share(guess).await?;
    let packed = held.bytes.clone();
    let unpacked = offload(packed.len() * 8, move || inflate(&packed, limit)).await;
    drop(held);
    Ok(Held {
        bytes: unpacked?,
        _share: share,
    })
}

fn inflate(packed: &[u8], limit: usize) -> Result<Bytes, Refusal> {
    let mut unpacked = Vec::with_capacity(packed.len().saturating_mul(4).min(limit));
    let mut reader = MultiGzDecoder::new(packed).take(limit as u64 + 1);
    reader
        .read_to_end(&mut unpacked)
        .map_err(|error| Refusal::new(&code::INGEST_MALFORMED, format!("gzip: {error}")))?;
    if unpacked.len() > limit {
        return Err(too_large(limit));
    }
    Ok(Bytes::from(unpacked))
}

/// Does `work` on about `bytes` bytes: here where they are few, on a thread of its own where they are many.
pub(crate) async fn offload<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    if bytes <= OFFLOAD {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // The runtime never cancels such work, so this is a panic of the work itself; it goes on where it would have gone.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let bomb = gzip(&vec![0; 10 << 20]);
        assert!(bomb.len() < 20_000);
        let refusal = inflate(&bomb, 1 << 20).unwrap_err();
        assert_eq!(refusal.code, &code::INGEST_TOO_LARGE);
        assert_eq!(inflate(&gzip(b"abc"), 3).unwrap(), "abc");
        assert_eq!(
            inflate(&gzip(b"abcd"), 3).unwrap_err().code,
            &code::INGEST_TOO_LARGE
        );
        assert_eq!(
            inflate(b"not gzip", 9).unwrap_err().code,
            &code::INGEST_MALFORMED
        );
    }

    #[tokio::test]
    async fn memory_is_shared_and_flows_back() {
        let memory = Memory::new(10 * 1024);
        let mut share = memory.share(4 * 1024).await.unwrap();
        memory.grow(&mut share, 100 * 1024).await.unwrap();
        assert_eq!(memory.units.available_permits(), 0);
        drop(share);
        assert_eq!(memory.units.available_permits(), 10);
    }
}
