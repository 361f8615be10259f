//! A stream that lets only well-formed HTTP/1 requests through.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::scanner::Verdict;
use super::{ConnectionState, Fate, HeadLimits, Scanner};

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// Between two pieces of a body.
    pub body: Duration,
    /// Until the client takes more of an answer.
    pub write: Duration,
}

/// The method of the request that stands in for a refused one. The refusal itself lies in [`ConnectionState`].
const STAND_IN: &[u8] = b"REFUSED / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n";

/// The most that is read and thrown away after a refusal, so that the client can read its answer before the connection goes.
const LINGER_BYTES: usize = 512 * 1024;
const LINGER_TIME: Duration = Duration::from_secs(1);

/// What the connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Request,
    Head,
    Body,
}

/// A connection of which hyper sees only what the [`Scanner`] lets pass.
#[derive(Debug)]
pub struct GuardedStream<S> {
    inner: S,
    scanner: Scanner,
    state: Arc<ConnectionState>,
    limits: StreamLimits,
    /// Bytes of an incomplete head, or what came after a request to upgrade.
    held: Vec<u8>,
    /// Whether `held` has to be read again although nothing came.
    fresh: bool,
    /// Bytes that may pass.
    out: Vec<u8>,
    /// Whether a request was refused: nothing more is read.
    refused: bool,
    waiting: Option<(Wait, Instant)>,
    timer: Option<Pin<Box<Sleep>>>,
    write_timer: Option<Pin<Box<Sleep>>>,
    linger: usize,
}

impl<S> GuardedStream<S> {
    /// Guards `inner`, of which `begun` was read already.
    pub fn new(
        inner: S,
        begun: Vec<u8>,
        state: Arc<ConnectionState>,
        head: HeadLimits,
        limits: StreamLimits,
    ) -> Self {
        Self {
            inner,
            scanner: Scanner::new(head),
            state,
            limits,
            fresh: !begun.is_empty(),
            held: begun,
            out: Vec::new(),
            refused: false,
            waiting: None,
            timer: None,
            write_timer: None,
            linger: 0,
        }
    }

    /// Judges `held`: moves what may pass to `out`.
    fn judge_held(&mut self) -> io::Result<()> {
        self.fresh = false;
        match self.scanner.read(&self.held) {
            Verdict::Pass(count) => {
                let rest = self.held.split_off(count);
                self.out = std::mem::replace(&mut self.held, rest);
            }
            Verdict::Refuse { at, why } => {
                self.held.truncate(at);
                self.out = std::mem::take(&mut self.held);
                self.refuse(why);
            }
            Verdict::Broken(why) => return Err(self.broken(why)),
        }
        Ok(())
    }

    fn refuse(&mut self, why: super::Refusal) {
        self.state.refuse(why);
        self.refused = true;
        self.out.extend_from_slice(STAND_IN);
    }

    fn broken(&mut self, why: super::Refusal) -> io::Error {
        self.state.refuse(why);
        self.refused = true;
        io::Error::new(io::ErrorKind::InvalidData, why)
    }

    /// What to do while nothing comes: wait, or give up.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.scanner.is_opaque() {
            return Poll::Pending;
        }
        let (wait, limit) = match (self.scanner.in_head(), self.held.is_empty()) {
            (true, true) => (Wait::Request, self.limits.idle),
            (true, false) => (Wait::Head, self.limits.head),
            (false, _) => (Wait::Body, self.limits.body),
        };
        let since = match self.waiting {
            Some((before, since)) if before == wait => since,
            _ => Instant::now(),
        };
        self.waiting = Some((wait, since));
        let mut deadline = since + limit;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll_elapsed(context) {
            let now = Instant::now();
            if wait == Wait::Request && self.state.is_busy() {
                deadline = now + limit;
                self.waiting = Some((wait, now));
            }
            if now < deadline {
                timer.as_mut().reset(deadline);
                continue;
            }
            if wait == Wait::Request {
                return Poll::Ready(Ok(()));
            }
            self.state.set_slow();
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

/// Polls a timer to a plain truth.
trait Elapsed {
    fn poll_elapsed(self, context: &mut Context<'_>) -> bool;
}

impl Elapsed for Pin<&mut Sleep> {
    fn poll_elapsed(self, context: &mut Context<'_>) -> bool {
        self.poll(context).is_ready()
    }
}

impl<S: AsyncRead + Unpin> GuardedStream<S> {
    /// Reads more into `held`; false at the end of the stream.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut chunk = [0_u8; 4096];
        let mut buffer = ReadBuf::new(&mut chunk);
        match Pin::new(&mut self.inner).poll_read(context, &mut buffer) {
            Poll::Ready(result) => result?,
            Poll::Pending => {
                ready!(self.poll_patience(context))?;
                return Poll::Ready(Ok(false));
            }
        }
        self.held.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(!buffer.filled().is_empty()))
    }

    /// Reads straight into hyper's buffer; true where something may pass or the stream ended.
    fn poll_straight(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<bool>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.inner).poll_read(context, buffer) {
            Poll::Ready(result) => result?,
            Poll::Pending => {
                ready!(self.poll_patience(context))?;
                return Poll::Ready(Ok(true));
            }
        }
        let came = &buffer.filled()[before..];
        if came.is_empty() {
            return Poll::Ready(Ok(true));
        }
        self.waiting = None;
        let passed = match self.scanner.read(came) {
            Verdict::Pass(count) => {
                self.held.extend_from_slice(&came[count..]);
                count
            }
            Verdict::Refuse { at, why } => {
                self.refuse(why);
                at
            }
            Verdict::Broken(why) => {
                buffer.set_filled(before);
                return Poll::Ready(Err(self.broken(why)));
            }
        };
        buffer.set_filled(before + passed);
        Poll::Ready(Ok(passed > 0))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if !self.out.is_empty() {
                let count = self.out.len().min(buffer.remaining());
                buffer.put_slice(&self.out[..count]);
                self.out.drain(..count);
                return Poll::Ready(Ok(()));
            }
            if self.refused {
                // The answer to the refusal closes the connection; an end of the stream here would cut it short.
                return Poll::Pending;
            }
            if self.scanner.is_waiting() {
                let fate = ready!(self.state.poll_fate(context));
                self.scanner.decide(fate == Fate::Upgraded);
                self.fresh = !self.held.is_empty();
            }
            if self.held.is_empty() {
                if ready!(self.poll_straight(context, buffer))? {
                    return Poll::Ready(Ok(()));
                }
                continue;
            }
            if !self.fresh && !ready!(self.poll_more(context))? {
                return Poll::Ready(Ok(()));
            }
            self.judge_held()?;
            if !self.out.is_empty() {
                self.waiting = None;
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> GuardedStream<S> {
    /// Gives up a client that takes nothing of its answer.
    fn poll_written<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.write_timer = None;
            return result;
        }
        let limit = self.limits.write;
        let timer = self
            .write_timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if timer.as_mut().poll_elapsed(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.poll_written(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.poll_written(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(context);
        self.poll_written(context, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_shutdown(context))?;
        let timer = self
            .write_timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER_TIME)));
        if timer.as_mut().poll_elapsed(context) {
            return Poll::Ready(Ok(()));
        }
        let mut chunk = [0_u8; 4096];
        while self.linger < LINGER_BYTES {
            let mut buffer = ReadBuf::new(&mut chunk);
            match ready!(Pin::new(&mut self.inner).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => self.linger += buffer.filled().len(),
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn guarded(
        inner: tokio::io::DuplexStream,
    ) -> (GuardedStream<tokio::io::DuplexStream>, Arc<ConnectionState>) {
        let state = Arc::new(ConnectionState::default());
        let limits = StreamLimits {
            head: Duration::from_millis(50),
            idle: Duration::from_millis(100),
            body: Duration::from_millis(50),
            write: Duration::from_secs(1),
        };
        (
            GuardedStream::new(
                inner,
                Vec::new(),
                Arc::clone(&state),
                HeadLimits::default(),
                limits,
            ),
            state,
        )
    }

    #[tokio::test]
    async fn a_refused_head_becomes_the_stand_in() {
        let (mut client, server) = duplex(4096);
        let (mut stream, state) = guarded(server);
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\nHost: a\n\n")
            .await
            .unwrap();
        let mut bytes = vec![0; 27 + STAND_IN.len()];
        stream.read_exact(&mut bytes).await.unwrap();
        assert!(
            bytes.starts_with(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") && bytes.ends_with(STAND_IN)
        );
        assert!(state.refusal().is_some());
    }

    #[tokio::test]
    async fn a_slow_head_times_out_and_an_idle_client_ends() {
        let (mut client, server) = duplex(4096);
        let (mut stream, state) = guarded(server);
        client.write_all(b"GET / HT").await.unwrap();
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(state.is_slow());

        let (_client, server) = duplex(4096);
        let (mut stream, state) = guarded(server);
        state.begin();
        let waits = tokio::time::timeout(Duration::from_millis(350), stream.read_u8()).await;
        assert!(waits.is_err(), "a busy connection is not idle");
        state.end();
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn bytes_after_an_upgrade_wait_for_its_answer() {
        let (mut client, server) = duplex(4096);
        let (mut stream, state) = guarded(server);
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
        client.write_all(head).await.unwrap();
        client.write_all(b"\0frame").await.unwrap();
        let mut bytes = vec![0; head.len()];
        stream.read_exact(&mut bytes).await.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(60), stream.read_u8()).await;
        assert!(early.is_err());
        state.decide(Fate::Upgraded);
        let mut bytes = [0; 6];
        stream.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"\0frame");
    }
}
