//! The bytes of one connection, both ways.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::codec::{Malformed, Packet, Wire};

/// How much is read at once.
const READ: usize = 8 * 1024;
/// How much is read at once while little comes, so that an idle connection holds little.
const IDLE: usize = 512;

/// A stream with what was read of it and what is to be written.
#[derive(Debug)]
pub(super) struct Link<S> {
    stream: S,
    pub(super) wire: Box<dyn Wire>,
    read: BytesMut,
    pub(super) out: BytesMut,
    patience: Duration,
    /// How much is expected to come.
    expected: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub(super) fn new(stream: S, wire: Box<dyn Wire>, read: BytesMut, patience: Duration) -> Self {
        Self {
            stream,
            wire,
            read,
            out: BytesMut::new(),
            patience,
            expected: IDLE,
        }
    }

    /// The next packet that is there already.
    pub(super) fn next(&mut self) -> Result<Option<Packet>, Malformed> {
        if self.read.is_empty() {
            return Ok(None);
        }
        self.wire.read(&mut self.read)
    }

    /// Reads more; false at the end of the stream. Nothing is lost where this is dropped.
    pub(super) async fn more(&mut self) -> io::Result<bool> {
        if self.read.is_empty() && self.read.capacity() > self.expected {
            self.read = BytesMut::new();
        }
        self.read.reserve(self.expected);
        let count = self.stream.read_buf(&mut self.read).await?;
        self.expected = if count < IDLE { IDLE } else { READ };
        Ok(count > 0)
    }

    /// Puts a packet behind what is to be written.
    pub(super) fn put(&mut self, packet: Packet) {
        self.wire.write(packet, &mut self.out);
    }

    /// Writes all that is to be written.
    ///
    /// # Errors
    /// Also where the client does not take it in time.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let bytes: Bytes = self.out.split().freeze();
        let written = tokio::time::timeout(self.patience, async {
            // One piece is cheaper to write as one than as a list of one.
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        });
        let result = written
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        drop(bytes);
        if self.out.capacity() > 4 * READ || self.out.is_empty() {
            self.out = BytesMut::new();
        }
        result
    }

    /// Says goodbye to the other side's transport.
    pub(super) async fn close(&mut self) {
        drop(tokio::time::timeout(Duration::from_secs(1), self.stream.shutdown()).await);
    }
}
