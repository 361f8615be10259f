//! `trunkline tail`.

use std::time::Duration;

use serde_json::Value;

use super::interrupt::unless_interrupted;
use super::tail_stream::{Frames, Lost};
use crate::cli::{Globals, Tail};
use crate::{Exit, Failure};
use trunkline_shell::{Client, Place};
use trunkline_terminal::{Format, Printer, style};

/// The first pause before a new try, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Prints rows as they come until Ctrl-C, or until there were enough.
pub(super) async fn run(globals: &Globals, tail: Tail) -> Result<Exit, Failure> {
    let printer = globals.printer();
    if printer.format == Format::Csv {
        let hint = "use --output jsonl, or `trunkline sql --output csv` for what is there already";
        return Err(Failure::usage(
            "rows of several tables have no common columns",
            hint,
        ));
    }
    let client = Client::of(globals)?;
    match unless_interrupted(follow(&client, printer, &tail)).await {
        Some(done) => done.map(|()| Exit::Done),
        None => Ok(Exit::Interrupted),
    }
}

/// Follows the log; a broken connection is taken up again where it broke.
async fn follow(client: &Client, printer: Printer, tail: &Tail) -> Result<(), Failure> {
    let mut shown = Shown {
        printer,
        rows: 0,
        limit: tail.limit,
    };
    let mut next: Option<u64> = None;
    let mut pause = PAUSE.0;
    loop {
        match Frames::open(client, tail, next).await {
            Ok(mut frames) => {
                pause = PAUSE.0;
                let lost = loop {
                    match frames.next().await {
                        Ok(frame) => {
                            next = frame["next"].as_u64().or(next);
                            if shown.frame(&frame)? {
                                return Ok(());
                            }
                        }
                        Err(Lost::Refused(failure)) => return Err(failure),
                        Err(Lost::Broken(reason)) => break reason,
                    }
                };
                printer.detail(&format!("the connection broke ({lost})"));
            }
            // Only what worked before is tried again.
            Err(Lost::Refused(failure)) => return Err(failure),
            Err(Lost::Broken(_)) if next.is_none() => return Err(unreachable(&client.place)),
            Err(Lost::Broken(reason)) => printer.detail(&reason),
        }
        printer.say(&format!(
            "trying again from offset {}",
            next.unwrap_or_default()
        ));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

fn unreachable(place: &Place) -> Failure {
    let what = format!("no platform answers at {}", place.url);
    Failure::new(&trunkline_model::code::CLI_UNREACHABLE, what)
}

/// What was printed.
struct Shown {
    printer: Printer,
    rows: u64,
    limit: Option<u64>,
}

impl Shown {
    /// Prints the rows of a frame; true when there were enough.
    fn frame(&mut self, frame: &Value) -> Result<bool, Failure> {
        for row in frame["rows"].as_array().into_iter().flatten() {
            if self.limit.is_some_and(|limit| self.rows >= limit) {
                return Ok(true);
            }
            self.printer.data(&line(self.printer.format, row))?;
            self.rows += 1;
        }
        if let Some(dropped) = frame["dropped"].as_u64().filter(|dropped| *dropped > 0) {
            self.printer.warn(&format!(
                "{dropped} rows came too fast and were left out; ask for them by SQL"
            ));
        }
        Ok(self.limit.is_some_and(|limit| self.rows >= limit))
    }
}

fn line(format: Format, row: &Value) -> String {
    if format != Format::Table {
        return format!("{row}\n");
    }
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    let (received, table) = (style::faint(text("received")), style::hint(text("table")));
    format!("{received} {table} {}\n", row["row"])
}
