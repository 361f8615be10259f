//! One process: its lines, its time, and its end.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::TaskError;
use crate::log::Lines;

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
    mut command: Command,
    mut lines: Lines,
    time: Duration,
    stop: &CancellationToken,
    mut line: impl FnMut(String),
) -> Result<Ended, TaskError> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| TaskError::Run(error.to_string()))?;
    let (to, mut from) = mpsc::channel(64);
    let readers = [
        child
            .stdout
            .take()
            .map(|out| tokio::spawn(pump(out, to.clone()))),
        child
            .stderr
            .take()
            .map(|out| tokio::spawn(pump(out, to.clone()))),
    ];
    drop(to);
    let deadline = tokio::time::sleep(time);
    tokio::pin!(deadline);
    let mut open = true;
    let ended = loop {
        tokio::select! {
            piece = from.recv(), if open => match piece {
                Some(piece) => lines.take(&piece).into_iter().for_each(&mut line),
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
    end(&mut child, ended).await;
    // What it left in its pipes is read, and nothing that its children would write later.
    let left = async {
        while let Some(piece) = from.recv().await {
            lines.take(&piece).into_iter().for_each(&mut line);
        }
    };
    let _left_open = tokio::time::timeout(GRACE, left).await;
    for reader in readers.into_iter().flatten() {
        reader.abort();
    }
    if let Some(last) = lines.end() {
        line(last);
    }
    Ok(ended)
}

async fn pump(mut from: impl AsyncRead + Unpin, to: mpsc::Sender<Vec<u8>>) {
    let mut piece = vec![0; PIECE];
    while let Ok(read) = from.read(&mut piece).await {
        if read == 0 || to.send(piece[..read].to_vec()).await.is_err() {
            return;
        }
    }
}

/// Ends the process and all that it left behind: politely where it still runs, and then not.
async fn end(child: &mut Child, ended: Ended) {
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    if let (Some(group), true) = (group, !matches!(ended, Ended::Code(_))) {
        // It may have ended meanwhile.
        let _gone = kill_process_group(group, Signal::TERM);
        let _waited = tokio::time::timeout(GRACE, child.wait()).await;
        let _gone = kill_process_group(group, Signal::KILL);
        let _waited = child.wait().await;
    }
}
