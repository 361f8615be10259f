//! Bodies on their way; none is copied.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use super::contract::Witness;
use super::mirror::Capture;
use crate::record::Record;
use crate::upstream::{InFlight, Sender};

/// Why a body ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is larger than the route allows")]
    TooLarge,
    #[error("no more of the body came in time")]
    Idle,
    #[error("the body ended early")]
    Broken(#[from] hyper::Error),
}

/// What the request's body told on its way.
#[derive(Debug, Default)]
pub(crate) struct Passage {
    pub(crate) bytes: AtomicU64,
    fault: AtomicU8,
}

impl Passage {
    /// Whether the body was larger than the route allows.
    pub(crate) fn too_large(&self) -> bool {
        self.fault.load(Ordering::Relaxed) == 1
    }

    /// Whether the client's side of the body failed.
    pub(crate) fn broken(&self) -> bool {
        self.fault.load(Ordering::Relaxed) == 2
    }
}

/// A request's body on its way to the upstream.
#[derive(Debug)]
pub(crate) enum UpBody {
    Empty,
    Full(Bytes),
    Stream {
        incoming: Incoming,
        left: u64,
        passage: Arc<Passage>,
    },
}

impl Body for UpBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match this {
            Self::Empty => Poll::Ready(None),
            Self::Full(_) => match std::mem::replace(this, Self::Empty) {
                Self::Full(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                _ => Poll::Ready(None),
            },
            Self::Stream {
                incoming,
                left,
                passage,
            } => {
                let frame = match std::task::ready!(Pin::new(incoming).poll_frame(context)) {
                    Some(Ok(frame)) => frame,
                    Some(Err(error)) => {
                        passage.fault.store(2, Ordering::Relaxed);
                        return Poll::Ready(Some(Err(error.into())));
                    }
                    None => return Poll::Ready(None),
                };
                if let Some(data) = frame.data_ref() {
                    let length = data.len() as u64;
                    passage.bytes.fetch_add(length, Ordering::Relaxed);
                    let Some(rest) = left.checked_sub(length) else {
                        passage.fault.store(1, Ordering::Relaxed);
                        return Poll::Ready(Some(Err(BodyError::TooLarge)));
                    };
                    *left = rest;
                }
                Poll::Ready(Some(Ok(frame)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Full(bytes) => bytes.is_empty(),
            Self::Stream { incoming, .. } => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream { incoming, .. } => incoming.size_hint(),
        }
    }
}

/// An answer's body on its way to the client.
#[derive(Debug)]
pub(crate) enum DownBody {
    Full(Bytes),
    Proxied(Box<Proxied>),
}

/// The upstream's body, and what is to be done when it ends.
#[derive(Debug)]
pub(crate) struct Proxied {
    pub(crate) incoming: Incoming,
    /// The connection, which goes back to its pool at the end.
    pub(crate) sender: Option<Sender>,
    pub(crate) place: InFlight,
    pub(crate) record: Record,
    pub(crate) idle: Duration,
    pub(crate) timer: Option<Pin<Box<Sleep>>>,
    pub(crate) capture: Option<Capture>,
    pub(crate) witness: Option<Box<Witness>>,
}

impl Proxied {
    fn end(&mut self) {
        if let Some(sender @ Sender::Http1(_)) = self.sender.take() {
            self.place.target.pool.put(self.record.worker.index, sender);
        }
        if let Some(capture) = self.capture.take() {
            capture.finish();
        }
        if let Some(witness) = self.witness.take() {
            witness.finish(&self.record);
        }
        self.record.finish();
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = match Pin::new(&mut self.incoming).poll_frame(context) {
            Poll::Ready(frame) => frame,
            Poll::Pending => return self.poll_idle(context),
        };
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(Instant::now() + self.idle);
        }
        match frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.record.bytes_out += data.len() as u64;
                    if let Some(capture) = &mut self.capture {
                        capture.push(data);
                    }
                    if let Some(witness) = &mut self.witness {
                        witness.push(data);
                    }
                }
                if self.incoming.is_end_stream() {
                    self.end();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                self.place.target.failed();
                self.record.broke();
                Poll::Ready(Some(Err(error.into())))
            }
            None => {
                self.end();
                Poll::Ready(None)
            }
        }
    }

    fn poll_idle(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let idle = self.idle;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
        std::task::ready!(timer.as_mut().poll(context));
        self.record.broke();
        Poll::Ready(Some(Err(BodyError::Idle)))
    }
}

impl Body for DownBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Proxied(proxied) => proxied.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(bytes) => bytes.is_empty(),
            Self::Proxied(proxied) => proxied.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Proxied(proxied) => proxied.incoming.size_hint(),
        }
    }
}

impl Drop for Proxied {
    fn drop(&mut self) {
        // An answer without a body ends without being polled.
        if self.sender.is_some() && self.incoming.is_end_stream() {
            self.end();
        }
    }
}
