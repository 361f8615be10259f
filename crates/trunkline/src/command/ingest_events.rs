//! `trunkline ingest events`.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use serde::de::IgnoredAny;

use super::interrupt::unless_interrupted;
use super::send::{Lines, Sent, send};
use crate::cli::{Globals, IngestEvents};
use crate::{Exit, Failure};
use trunkline_shell::{Chunk, Chunks, Client};
use trunkline_terminal::{Printer, Progress, plural};

/// Sends a file of JSON lines.
pub(super) async fn run(globals: &Globals, events: IngestEvents) -> Result<Exit, Failure> {
    let printer = globals.printer();
    let mut chunks = Chunks::new(open(&events)?);
    if events.dry_run {
        return check(printer, &mut chunks);
    }
    let client = Client::of(globals)?;
    let progress = Progress::start(printer, "sending events", None);
    let mut sent = Sent::default();
    let work = async {
        while let Some(chunk) = chunks.next()? {
            send(
                &client,
                lines(&events, chunk),
                &mut sent,
                &progress,
                printer,
            )
            .await?;
        }
        Ok::<(), Failure>(())
    };
    let done = unless_interrupted(work).await;
    progress.finish(&sent.summary());
    sent.conclude(printer, done)
}

fn open(events: &IngestEvents) -> Result<Box<dyn BufRead>, Failure> {
    if events.file.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(&events.file).map_err(|error| {
        let what = format!("{} cannot be read", events.file.display());
        Failure::usage(
            what,
            "give a file with a JSON object in each line, or - for standard input",
        )
        .because(&error)
    })?;
    Ok(Box::new(BufReader::with_capacity(1 << 20, file)))
}

/// The request for a chunk. Ids hold the number of the chunk's first line, so that a file that grew sends only what is new.
fn lines(events: &IngestEvents, chunk: Chunk) -> Lines {
    let id = events.id.as_ref().map(|id| format!("{id}-{}", chunk.first));
    let parameters = [
        ("type", &events.kind),
        ("source", &events.source),
        ("id", &id),
        ("subject", &events.subject),
    ];
    let given: Vec<String> = parameters
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", percent(value.as_deref()?))))
        .collect();
    Lines {
        path: format!("/v1/events?{}", given.join("&")),
        bytes: chunk.bytes,
        events: chunk.events,
        first: chunk.first,
    }
}

/// The text as a value of a query.
fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn check(printer: Printer, chunks: &mut Chunks<Box<dyn BufRead>>) -> Result<Exit, Failure> {
    let (mut good, mut bad) = (0_u64, 0_u64);
    while let Some(chunk) = chunks.next()? {
        for (index, line) in chunk.bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice::<IgnoredAny>(line) {
                Ok(_) if line.trim_ascii().starts_with(b"{") => good += 1,
                Ok(_) => {
                    bad += 1;
                    printer.warn(&format!(
                        "line {}: not a JSON object",
                        chunk.first + index as u64
                    ));
                }
                Err(error) => {
                    bad += 1;
                    printer.warn(&format!("line {}: {error}", chunk.first + index as u64));
                }
            }
        }
    }
    printer.say(&format!(
        "would send {}; {} would be rejected",
        plural(good, "event"),
        plural(bad, "line")
    ));
    Ok(if bad == 0 { Exit::Done } else { Exit::Failed })
}
