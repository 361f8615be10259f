//! Lines and sockets over a socket: what one process listens at, another one may go on with.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::UnixStream;

use crate::protocol::LINE;

/// Sockets that go with one line.
pub(crate) const MOST: usize = 128;

/// Sends a line, and sockets with it.
pub(crate) async fn send(
    stream: &mut UnixStream,
    line: &[u8],
    sockets: &[BorrowedFd<'_>],
) -> io::Result<()> {
    if sockets.len() > MOST {
        return Err(io::Error::other(format!(
            "at most {MOST} sockets go at once"
        )));
    }
    let mut sent = 0;
    if !sockets.is_empty() {
        sent = stream
            .async_io(Interest::WRITABLE, || {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
                let mut beside = SendAncillaryBuffer::new(&mut space);
                beside.push(SendAncillaryMessage::ScmRights(sockets));
                let line = [IoSlice::new(line)];
                Ok(sendmsg(
                    stream.as_fd(),
                    &line,
                    &mut beside,
                    SendFlags::NOSIGNAL,
                )?)
            })
            .await?;
    }
    stream.write_all(&line[sent..]).await
}

/// A line, and the sockets that came with it.
pub(crate) async fn receive(stream: &UnixStream) -> io::Result<(Vec<u8>, Vec<OwnedFd>)> {
    let (mut line, mut sockets) = (Vec::new(), Vec::new());
    while !line.ends_with(b"\n") && line.len() <= LINE {
        let read = stream
            .async_io(Interest::READABLE, || {
                read_some(stream, &mut line, &mut sockets)
            })
            .await?;
        if read == 0 {
            break;
        }
    }
    Ok((line, sockets))
}

fn read_some(
    stream: &UnixStream,
    line: &mut Vec<u8>,
    sockets: &mut Vec<OwnedFd>,
) -> io::Result<usize> {
    let mut bytes = [0; 64 << 10];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let got = recvmsg(
        stream.as_fd(),
        &mut [IoSliceMut::new(&mut bytes)],
        &mut beside,
        flags,
    )?;
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(came) = message {
            sockets.extend(came);
        }
    }
    line.extend(&bytes[..got.bytes]);
    Ok(got.bytes)
}

/// Comes back once the other side has gone.
pub(crate) async fn gone(stream: &UnixStream) {
    loop {
        if stream.readable().await.is_err() {
            return;
        }
        match stream.try_read(&mut [0; 64]) {
            Ok(0) => return,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
            _ => {}
        }
    }
}
