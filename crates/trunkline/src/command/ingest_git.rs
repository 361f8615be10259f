//! `trunkline ingest git`.

use trunkline_ingest::git::{Commits, GitOptions, read_commits};
use trunkline_model::Timestamp;

use super::interrupt::unless_interrupted;
use super::send::{Lines, Sent, send};
use crate::cli::{Globals, IngestGit};
use crate::{Exit, Failure};
use trunkline_shell::{Client, LINES};
use trunkline_terminal::{Progress, plural};

/// Bytes of one request, unless a single commit has more.
const BYTES: usize = 4 << 20;

/// Sends the history of a repository.
pub(super) async fn run(globals: &Globals, git: IngestGit) -> Result<Exit, Failure> {
    let printer = globals.printer();
    let options = GitOptions {
        repository: git.repository,
        since: git.since.as_deref().map(time).transpose()?,
        limit: git.limit,
        renames: true,
    };
    let mut commits = read_commits(&git.path, &options).map_err(|error| Failure::of(&error))?;
    let total = Some(commits.len() as u64);
    if git.dry_run {
        let progress = Progress::start(printer, "reading commits", total);
        let mut events = 0;
        while let Some(batch) = batch(&mut commits)? {
            events += batch.events;
            progress.advance(batch.events);
        }
        progress.finish(&format!("would send {}", plural(events, "commit")));
        return Ok(Exit::Done);
    }
    let client = Client::of(globals)?;
    let progress = Progress::start(printer, "sending commits", total);
    let mut sent = Sent::default();
    let work = async {
        while let Some(batch) = batch(&mut commits)? {
            send(&client, batch, &mut sent, &progress, printer).await?;
        }
        Ok::<(), Failure>(())
    };
    let done = unless_interrupted(work).await;
    progress.finish(&sent.summary());
    sent.conclude(printer, done)
}

/// The next commits as lines; none at the end of the history.
fn batch(commits: &mut Commits) -> Result<Option<Lines>, Failure> {
    let mut lines = Lines {
        path: "/v1/events".into(),
        bytes: Vec::new(),
        events: 0,
        first: 1,
    };
    for commit in commits {
        let event = commit
            .map_err(|error| Failure::of(&error))?
            .to_event()
            .map_err(|error| Failure::of(&error))?;
        serde_json::to_writer(&mut lines.bytes, &event).map_err(std::io::Error::from)?;
        lines.bytes.push(b'\n');
        lines.events += 1;
        if lines.events >= LINES as u64 || lines.bytes.len() >= BYTES {
            break;
        }
    }
    Ok((lines.events > 0).then_some(lines))
}

/// A time, or a day, whose beginning in UTC is meant.
fn time(text: &str) -> Result<Timestamp, Failure> {
    let whole = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    whole.parse().map_err(|_| {
        Failure::usage(
            format!("`{text}` is no time"),
            "write 2026-11-24 or 2026-11-24T18:00:00Z",
        )
    })
}
