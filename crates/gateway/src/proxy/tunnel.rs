//! An upgraded connection: bytes both ways until one side ends or both are silent.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

use crate::record::Record;
use crate::upstream::InFlight;

/// When anything came last, in milliseconds since the tunnel began.
struct Pulse {
    born: Instant,
    last: AtomicU64,
    idle: Duration,
}

impl Pulse {
    fn beat(&self) {
        self.last.store(
            u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }

    fn left(&self) -> Duration {
        let silent = self
            .born
            .elapsed()
            .saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)));
        self.idle.saturating_sub(silent)
    }
}

/// Joins both sides once they are upgraded; the record ends with the tunnel.
pub(crate) fn join(
    client: OnUpgrade,
    upstream: OnUpgrade,
    idle: Duration,
    mut record: Record,
    place: InFlight,
) {
    tokio::spawn(async move {
        if let (Ok(client), Ok(upstream)) = tokio::join!(client, upstream) {
            let (up, down) = run(client, upstream, idle).await;
            record.add_bytes(up, down);
        }
        record.finish();
        drop(place);
    });
}

async fn run(client: Upgraded, upstream: Upgraded, idle: Duration) -> (u64, u64) {
    let pulse = Arc::new(Pulse {
        born: Instant::now(),
        last: AtomicU64::new(0),
        idle,
    });
    let (from_client, to_client) = tokio::io::split(TokioIo::new(client));
    let (from_upstream, to_upstream) = tokio::io::split(TokioIo::new(upstream));
    let (up, down) = (AtomicU64::new(0), AtomicU64::new(0));
    let ended = tokio::try_join!(
        copy(from_client, to_upstream, &pulse, &up),
        copy(from_upstream, to_client, &pulse, &down)
    );
    if let Err(error) = ended {
        tracing::debug!(%error, "a tunnel ended");
    }
    (up.into_inner(), down.into_inner())
}

async fn copy<R, W>(
    mut from: ReadHalf<R>,
    mut to: WriteHalf<W>,
    pulse: &Pulse,
    count: &AtomicU64,
) -> io::Result<()>
where
    R: AsyncRead,
    W: AsyncWrite,
{
    let mut buffer = vec![0; 8 * 1024];
    loop {
        let wait = pulse.left();
        if wait.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let Ok(read) = tokio::time::timeout(wait, from.read(&mut buffer)).await else {
            continue;
        };
        let length = read?;
        if length == 0 {
            return to.shutdown().await;
        }
        pulse.beat();
        to.write_all(&buffer[..length]).await?;
        to.flush().await?;
        count.fetch_add(length as u64, Ordering::Relaxed);
    }
}
