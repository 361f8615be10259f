//! What a process writes, in a file that does not grow without end.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::sync::Mutex;
use trunkline_model::Clock;

/// Bytes of a file, behind which the next one begins. The one before is kept.
const MOST: u64 = 8 << 20;
/// Bytes of a line, behind which it is cut.
const LINE: usize = 16 << 10;

/// The file of one process.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    open: Option<tokio::fs::File>,
    bytes: u64,
}

impl Log {
    pub(crate) fn new(path: &Path) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            path: path.to_owned(),
            open: None,
            bytes: 0,
        }))
    }

    async fn file(&mut self) -> std::io::Result<&mut tokio::fs::File> {
        if self.bytes >= MOST {
            self.open = None;
            tokio::fs::rename(&self.path, self.path.with_extension("log.1")).await?;
            self.bytes = 0;
        }
        if self.open.is_none() {
            let mut options = tokio::fs::OpenOptions::new();
            let file = options.create(true).append(true).open(&self.path).await?;
            self.bytes = file.metadata().await?.len();
            self.open = Some(file);
        }
        self.open
            .as_mut()
            .ok_or_else(|| std::io::Error::other("the file is not open"))
    }

    async fn write(&mut self, line: &[u8]) -> std::io::Result<()> {
        let file = self.file().await?;
        file.write_all(line).await?;
        file.flush().await?;
        self.bytes += line.len() as u64;
        Ok(())
    }
}

/// Writes the lines of `from` with their times, until it ends. What cannot be written is read all the same, so that nobody waits for it.
pub(crate) async fn pump(
    from: impl AsyncRead + Unpin,
    log: Arc<Mutex<Log>>,
    clock: Arc<dyn Clock>,
) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while let Ok(true) = next_line(&mut from, &mut line).await {
        let mut text = format!("{} ", clock.now()).into_bytes();
        text.append(&mut line);
        text.push(b'\n');
        // On a full disk the process goes on, and its lines are lost.
        let _lost = log.lock().await.write(&text).await;
    }
}

/// The next line, of which at most [`LINE`] bytes are kept; false at the end.
async fn next_line(
    from: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
) -> std::io::Result<bool> {
    line.clear();
    loop {
        let there = from.fill_buf().await?;
        if there.is_empty() {
            return Ok(!line.is_empty());
        }
        let end = there.iter().position(|byte| *byte == b'\n');
        let piece = &there[..end.unwrap_or(there.len())];
        let room = LINE.saturating_sub(line.len());
        line.extend(&piece[..piece.len().min(room)]);
        let used = end.map_or(there.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use trunkline_model::{ManualClock, Timestamp};

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn lines_have_their_time_and_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
        let long = "x".repeat(LINE + 5);
        let text = format!("one\n{long}\n\nlast");
        pump(text.as_bytes(), Log::new(&path), clock).await;
        let written = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = written.lines().collect();
        assert_eq!(lines[0], "1970-01-01T00:00:00.000000Z one");
        assert_eq!(lines[1].len(), 28 + LINE);
        assert_eq!((lines.len(), lines[3].ends_with(" last")), (4, true));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_full_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let log = Log::new(&path);
        let mut open = log.lock().await;
        open.write(&vec![b'x'; MOST as usize]).await.unwrap();
        open.write(b"next\n").await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"next\n");
        assert_eq!(
            std::fs::metadata(folder.path().join("a.log.1"))
                .unwrap()
                .len(),
            MOST
        );
    }
}
