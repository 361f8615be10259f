//! One process: its lines, its time, and its end.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::log::Lines;
use crate::{Started, TaskError};

/// How long a process has to end by itself once it is told to.
const GRACE: Duration = Duration::from_secs(2);
/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Code(Option<i32>),
    TimedOut,
    Cancelled,
}

/// Runs a process to its end, or until its time is over or it is stopped; then its whole group ends. Each line goes to `line`.
pub(super) async fn run(
    started: Started,
    lines: &Lines,
    time: Duration,
    stop: &CancellationToken,
    mut line: impl FnMut(String),
) -> Result<Ended, TaskError> {
    let Started { mut child, tether } = started;
    let group = Group::of(&child);
    // What a line of one has begun the other does not end.
    let mut streams = [lines.clone(), lines.clone()];
    let (to, mut from) = mpsc::channel(64);
    let out = child.stdout.take();
    let out = out.map(|out| tokio::spawn(pump(0, out, to.clone())));
    let error = child.stderr.take();
    let error = error.map(|error| tokio::spawn(pump(1, error, to)));
    let mut take = |(stream, piece): (usize, Vec<u8>)| {
        let whole = streams[stream].take(&piece);
        whole.into_iter().for_each(&mut line);
    };
    let deadline = tokio::time::sleep(time);
    tokio::pin!(deadline);
    let mut open = true;
    let ended = loop {
        tokio::select! {
            piece = from.recv(), if open => match piece {
                Some(piece) => take(piece),
                None => open = false,
            },
            status = child.wait() => {
                let status = status.map_err(|error| TaskError::Run(error.to_string()))?;
                break Ended::Code(status.code());
            }
            () = &mut deadline => break Ended::TimedOut,
            () = stop.cancelled() => break Ended::Cancelled,
        }
    };
    if !matches!(ended, Ended::Code(_)) {
        group.ask_to_end();
        let _waited = tokio::time::timeout(GRACE, child.wait()).await;
    }
    // What it left behind goes with it.
    drop(group);
    let _waited = child.wait().await;
    drop(tether);
    // What is in the pipes by now is read. Who left the group may hold them open, and is not waited for.
    let left = async {
        while let Some(piece) = from.recv().await {
            take(piece);
        }
    };
    let _left_open = tokio::time::timeout(GRACE, left).await;
    for reader in [out, error].into_iter().flatten() {
        reader.abort();
    }
    for stream in &mut streams {
        stream.end().into_iter().for_each(&mut line);
    }
    Ok(ended)
}

async fn pump(stream: usize, mut from: impl AsyncRead + Unpin, to: mpsc::Sender<(usize, Vec<u8>)>) {
    let mut piece = vec![0; PIECE];
    while let Ok(read) = from.read(&mut piece).await {
        if read == 0 || to.send((stream, piece[..read].to_vec())).await.is_err() {
            return;
        }
    }
}

/// The group of a process, which ends as this is dropped: also where nobody waits any more. Its number is noted at the start, since a process that
/// has ended has none.
#[derive(Debug)]
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(id.cast_signed())))
    }

    fn ask_to_end(&self) {
        if let Some(group) = self.0 {
            // It may have ended meanwhile.
            let _gone = kill_process_group(group, Signal::TERM);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Mostly nothing is left of it.
            let _gone = kill_process_group(group, Signal::KILL);
        }
    }
}
