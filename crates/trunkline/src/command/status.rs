//! `trunkline status`.

use serde_json::{Value, json};

use crate::cli::Globals;
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::{Format, Grid, Printer, bytes, count, duration, flatten, style};

/// Shows how the platform is; fails where a check of it does.
pub(super) async fn run(globals: &Globals) -> Result<Exit, Failure> {
    let system = Client::of(globals)?.get("/v1/system").await?;
    let printer = globals.printer();
    if printer.format == Format::Table {
        table(printer, &system)?;
    } else {
        printer.document(&system, &flatten(&system), &["name", "value"])?;
    }
    let failing = list(&system["checks"]).any(|check| check["status"] == "fail");
    Ok(if failing { Exit::Failed } else { Exit::Done })
}

fn table(printer: Printer, system: &Value) -> Result<(), Failure> {
    let number = |path: &str| {
        count(
            system
                .pointer(path)
                .and_then(Value::as_u64)
                .unwrap_or_default(),
        )
    };
    let size = |path: &str| {
        bytes(
            system
                .pointer(path)
                .and_then(Value::as_u64)
                .unwrap_or_default(),
        )
    };
    let text = |path: &str| {
        system
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or("unknown")
    };
    let lines = [
        ("status", style::health(text("/status"))),
        (
            "version",
            format!("{} ({})", text("/version"), text("/commit")),
        ),
        (
            "up for",
            duration(system["uptime_seconds"].as_u64().unwrap_or_default()),
        ),
        (
            "log",
            format!(
                "{} messages up to offset {}, {} in {} segments",
                number("/log/messages_total"),
                number("/log/next_offset"),
                size("/log/bytes"),
                number("/log/segments")
            ),
        ),
        (
            "lake",
            format!(
                "{} tables, {} rows in memory, SQL sees up to offset {}",
                number("/lake/tables"),
                number("/lake/hot_rows"),
                number("/lake/visible_offset")
            ),
        ),
        ("memory", size("/process/resident_bytes")),
        (
            "disk",
            format!(
                "{} of {} free",
                size("/disk/free_bytes"),
                size("/disk/total_bytes")
            ),
        ),
    ];
    let mut page = String::new();
    for (name, value) in lines {
        page.push_str(&format!(
            "{} {value}\n",
            style::heading(&format!("{name:<9}"))
        ));
    }
    for listener in list(&system["listeners"]) {
        let name = listener["name"].as_str().unwrap_or_default();
        let address = listener["address"].as_str().unwrap_or_default();
        page.push_str(&format!("{name:<9} {}\n", style::hint(address)));
    }
    let checks: Vec<Value> = list(&system["checks"])
        .map(|check| json!({"check": check["name"], "status": check["status"], "detail": check["detail"]}))
        .collect();
    page.push('\n');
    page.push_str(&Grid::of_objects(&["check", "status", "detail"], &checks).table());
    Ok(printer.data(&page)?)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
