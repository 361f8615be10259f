//! `trunkline sql`.

use std::io::{self, IsTerminal as _, Read as _};
use std::time::Duration;

use futures::StreamExt as _;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use trunkline_model::{Clock as _, IdGen as _, RandomIds, SystemClock, TypedId, kind};

use super::interrupt::unless_interrupted;
use crate::cli::{Globals, Sql};
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::{Format, Grid, Printer, plural};

/// How long an answer may take beyond the statement's own time.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the statement and prints its rows; Ctrl-C cancels it in the platform too.
pub(super) async fn run(globals: &Globals, sql: Sql) -> Result<Exit, Failure> {
    let printer = globals.printer();
    let query = statement(&sql)?;
    let client = Client::of(globals)?;
    let id: TypedId<kind::Query> = TypedId::new(RandomIds.ulid(SystemClock.now()));
    let body = json!({
        "query": query,
        "limit": sql.limit,
        "timeout_ms": sql.timeout.map(|seconds| seconds.saturating_mul(1_000)),
        "query_id": id.to_string(),
    });
    let work = ask(&client, printer, body, sql.timeout);
    if let Some(done) = unless_interrupted(work).await {
        return done.map(|()| Exit::Done);
    }
    let cancelled = client
        .json(Method::DELETE, &format!("/v1/sql/{id}"), None)
        .await;
    printer.say(if cancelled.is_ok() {
        "cancelled"
    } else {
        "interrupted"
    });
    Ok(Exit::Interrupted)
}

/// The statement from the command line, a file or standard input.
fn statement(sql: &Sql) -> Result<String, Failure> {
    let text = match (&sql.query, &sql.file) {
        (Some(query), _) if query != "-" => query.clone(),
        (_, Some(path)) if path.as_os_str() != "-" => {
            std::fs::read_to_string(path).map_err(|error| {
                let hint = "give a readable file with -f, or the statement itself";
                Failure::usage(format!("{} cannot be read", path.display()), hint).because(&error)
            })?
        }
        (None, None) if io::stdin().is_terminal() => String::new(),
        _ => io::read_to_string(io::stdin().lock().take(16 << 20))?,
    };
    if text.trim().is_empty() {
        let hint = "trunkline sql \"select * from events order by time desc limit 10\"";
        return Err(Failure::usage("there is no statement", hint));
    }
    Ok(text)
}

async fn ask(
    client: &Client,
    printer: Printer,
    body: Value,
    timeout: Option<u64>,
) -> Result<(), Failure> {
    let accept = match printer.format {
        Format::Table | Format::Json => "application/json",
        Format::Jsonl => "application/x-ndjson",
        Format::Csv => "text/csv",
    };
    let mut request = client
        .request(Method::POST, "/v1/sql")?
        .header(ACCEPT, accept)
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string());
    if let Some(seconds) = timeout {
        request = request.timeout(Duration::from_secs(seconds) + GRACE);
    }
    let response = client.send(request).await?;
    match printer.format {
        Format::Table => table(client, printer, response).await,
        Format::Json | Format::Jsonl | Format::Csv => stream(client, printer, response).await,
    }
}

async fn table(client: &Client, printer: Printer, response: Response) -> Result<(), Failure> {
    let result: Value = response
        .json()
        .await
        .map_err(|error| client.broken(&error))?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let names = list(&result["columns"])
        .iter()
        .map(|column| column["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    let rows: Vec<Vec<Value>> = list(&result["rows"]).iter().map(list).collect();
    let number = rows.len() as u64;
    printer.data(&Grid::new(names, rows).table())?;
    let elapsed = result["elapsed_ms"].as_u64().unwrap_or_default();
    printer.say(&format!("{} in {elapsed} ms", plural(number, "row")));
    if result["truncated"] == true {
        printer.warn("there are more rows: use --limit, or --output csv for all of them");
    }
    Ok(())
}

async fn stream(client: &Client, printer: Printer, response: Response) -> Result<(), Failure> {
    let mut chunks = response.bytes_stream();
    let mut last = None;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| client.broken(&error))?;
        last = chunk.last().copied().or(last);
        printer.raw(&chunk)?;
    }
    if last.is_some_and(|byte| byte != b'\n') {
        printer.raw(b"\n")?;
    }
    Ok(())
}
