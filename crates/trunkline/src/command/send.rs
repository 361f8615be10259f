//! Sending lines of events, with patience.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use crate::{Exit, Failure};
use trunkline_shell::{Client, of_body};
use trunkline_terminal::{Format, Printer, Progress, count, plural};

/// How often a request is sent again that the platform was too busy for.
const TRIES: u32 = 20;
/// How long to wait where the platform does not say.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest wait between two tries.
const LONGEST: Duration = Duration::from_secs(30);

/// What became of all that was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
    pub(super) rejected: u64,
}

impl Sent {
    /// One line for people.
    pub(super) fn summary(self) -> String {
        let mut text = format!("{} accepted", plural(self.accepted, "event"));
        if self.duplicates > 0 {
            text.push_str(&format!(", {} were there already", count(self.duplicates)));
        }
        if self.rejected > 0 {
            text.push_str(&format!(
                ", {} rejected: see the table dead_letters",
                count(self.rejected)
            ));
        }
        text
    }

    /// Ends a command that sent: prints the numbers for programs and gives the exit. `done` is nothing after Ctrl-C.
    pub(super) fn conclude(
        self,
        printer: Printer,
        done: Option<Result<(), Failure>>,
    ) -> Result<Exit, Failure> {
        if printer.format != Format::Table {
            let row = serde_json::json!({"accepted": self.accepted, "duplicates": self.duplicates, "rejected": self.rejected});
            printer.document(
                &row,
                std::slice::from_ref(&row),
                &["accepted", "duplicates", "rejected"],
            )?;
        }
        match done {
            None => Ok(Exit::Interrupted),
            Some(Err(failure)) => Err(failure),
            Some(Ok(())) if self.rejected > 0 => Ok(Exit::Failed),
            Some(Ok(())) => Ok(Exit::Done),
        }
    }

    /// Adds what the platform answered; the first reasons of what it rejected are said.
    fn add(
        &mut self,
        answer: &Value,
        events: u64,
        first_line: u64,
        progress: &Progress,
        printer: Printer,
    ) {
        let number = |name: &str| answer[name].as_u64().unwrap_or_default();
        let rejected = answer["rejected"].as_array();
        let told = rejected.map_or(0, Vec::len) as u64;
        self.accepted += number("accepted");
        self.duplicates += number("duplicates");
        self.rejected += answer["rejected_count"].as_u64().unwrap_or(told);
        progress.advance(events);
        for one in rejected.into_iter().flatten().take(3) {
            let code = one["code"].as_str().unwrap_or_default();
            let detail = one["detail"].as_str().unwrap_or_default();
            if printer.verbosity >= 0 {
                progress.say(&format!(
                    "rejected[{code}] in the lines from {first_line}: {detail}"
                ));
            }
        }
    }
}

/// Lines for one request.
#[derive(Debug)]
pub(super) struct Lines {
    /// Path and query.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    pub(super) events: u64,
    /// The number of the first line where they came from.
    pub(super) first: u64,
}

/// Sends the lines; waits and sends them again while the platform is too busy. All of them being rejected is no failure here: it is
/// counted, so that the rest of a file is sent too.
pub(super) async fn send(
    client: &Client,
    lines: Lines,
    sent: &mut Sent,
    progress: &Progress,
    printer: Printer,
) -> Result<(), Failure> {
    // Cheap to send again: the bytes are shared.
    let body = bytes::Bytes::from(lines.bytes);
    for attempt in 1.. {
        let request = client
            .request(Method::POST, &lines.path)?
            .header(CONTENT_TYPE, "application/x-ndjson")
            .timeout(Duration::from_secs(120))
            .body(body.clone());
        let response = request
            .send()
            .await
            .map_err(|error| client.broken(&error))?;
        let status = response.status().as_u16();
        let wait = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map_or(PAUSE, Duration::from_secs);
        let answer = response
            .bytes()
            .await
            .map_err(|error| client.broken(&error))?;
        match status {
            200..300 => {
                let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
                sent.add(&answer, lines.events, lines.first, progress, printer);
                return Ok(());
            }
            429 | 503 | 507 if attempt < TRIES => {
                progress.say(&format!(
                    "the platform is busy: {}; again in {} s",
                    of_body(status, &answer),
                    wait.as_secs()
                ));
                tokio::time::sleep(wait.min(LONGEST)).await;
            }
            _ => {
                let problem: Value = serde_json::from_slice(&answer).unwrap_or_default();
                if problem["rejected"].is_array() {
                    sent.add(&problem, lines.events, lines.first, progress, printer);
                    return Ok(());
                }
                return Err(of_body(status, &answer));
            }
        }
    }
    Ok(())
}
