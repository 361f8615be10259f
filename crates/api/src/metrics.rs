//! Levels and counters for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use trunkline_lake::LakeStats;
use trunkline_log::Bounds;
use trunkline_model::action;
use trunkline_web::{Caller, Reply};

use crate::port::Cursor;
use crate::{Api, Vitals};

/// Writes the text exposition format, one family after another.
#[derive(Debug, Default)]
struct Exposition(String);

impl Exposition {
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        writeln!(self.0, "{text}").unwrap_or_default();
    }

    fn family<L: AsRef<str>>(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        samples: impl IntoIterator<Item = (L, f64)>,
    ) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
        for (labels, value) in samples {
            self.line(format_args!("{name}{} {value}", labels.as_ref()));
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the format knows only floating point numbers"
    )]
    fn one(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.family(name, kind, help, [("", value as f64)]);
    }
}

/// One label, its value escaped as the format asks.
fn label(name: &str, value: &str) -> String {
    let value = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("{{{name}=\"{value}\"}}")
}

/// A family of one sample without labels: its name, what kind it is, what it says, and its value.
type Single = (&'static str, &'static str, &'static str, u64);

const COUNTER: &str = "counter";
const GAUGE: &str = "gauge";

fn of_log(vitals: &Vitals, bounds: Bounds) -> [Single; 8] {
    let log = &vitals.log;
    [
        (
            "trunkline_log_appends_total",
            COUNTER,
            "Batches appended.",
            log.appends,
        ),
        (
            "trunkline_log_messages_total",
            COUNTER,
            "Messages appended.",
            log.messages,
        ),
        (
            "trunkline_log_duplicates_total",
            COUNTER,
            "Messages that the log had already.",
            log.duplicates,
        ),
        (
            "trunkline_log_fsyncs_total",
            COUNTER,
            "Times that the disk was made to write.",
            log.fsyncs,
        ),
        (
            "trunkline_log_written_bytes_total",
            COUNTER,
            "Bytes written.",
            log.bytes,
        ),
        (
            "trunkline_log_refused_total",
            COUNTER,
            "Appends refused.",
            log.refused,
        ),
        (
            "trunkline_log_next_offset",
            GAUGE,
            "The offset that the next message will get.",
            bounds.next.0,
        ),
        ("trunkline_log_bytes", GAUGE, "Bytes on disk.", bounds.bytes),
    ]
}

fn of_lake(lake: &LakeStats) -> [Single; 6] {
    [
        (
            "trunkline_lake_hot_rows",
            GAUGE,
            "Rows that no file holds yet.",
            lake.hot_rows,
        ),
        (
            "trunkline_lake_hot_bytes",
            GAUGE,
            "Memory that they take.",
            lake.hot_bytes,
        ),
        (
            "trunkline_lake_visible_offset",
            GAUGE,
            "Every event before it is seen by SQL.",
            lake.visible.0,
        ),
        (
            "trunkline_lake_flushes_total",
            COUNTER,
            "Commits of rows to Delta tables.",
            lake.flushes,
        ),
        (
            "trunkline_lake_flush_failures_total",
            COUNTER,
            "Commits that storage refused.",
            lake.flush_failures,
        ),
        (
            "trunkline_lake_compacted_files_total",
            COUNTER,
            "Files that compaction replaced.",
            lake.compacted_files,
        ),
    ]
}

fn of_machine(vitals: &Vitals) -> [Single; 2] {
    let memory = vitals.process.resident_bytes;
    [
        (
            "process_resident_memory_bytes",
            GAUGE,
            "Resident memory.",
            memory,
        ),
        (
            "trunkline_disk_free_bytes",
            GAUGE,
            "Bytes free under the data directory.",
            vitals.disk.free_bytes,
        ),
    ]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the format knows only floating point numbers"
)]
fn expose(vitals: &Vitals, lake: &LakeStats, bounds: Bounds, cursors: &[Cursor]) -> String {
    let mut text = Exposition::default();
    let counts = |counts: &BTreeMap<String, u64>, name: &str| -> Vec<(String, f64)> {
        let labelled = counts
            .iter()
            .map(|(value, count)| (label(name, value), *count as f64));
        labelled.collect()
    };
    let accepted = counts(&vitals.ingest.accepted_total, "protocol");
    text.family(
        "trunkline_ingest_accepted_total",
        COUNTER,
        "Events taken, by protocol.",
        accepted,
    );
    let refused = counts(&vitals.ingest.refused_total, "code");
    text.family(
        "trunkline_ingest_refused_total",
        COUNTER,
        "Refusals, by error code.",
        refused,
    );
    let lags = cursors
        .iter()
        .map(|cursor| (label("cursor", &cursor.name), cursor.lag as f64));
    text.family(
        "trunkline_log_cursor_lag",
        GAUGE,
        "Messages that a consumer has not finished.",
        lags,
    );
    let cpu = [("", vitals.process.cpu_seconds)];
    text.family("process_cpu_seconds_total", COUNTER, "Processor time.", cpu);
    let singles = of_log(vitals, bounds)
        .into_iter()
        .chain(of_lake(lake))
        .chain(of_machine(vitals));
    for (name, kind, help, value) in singles {
        text.one(name, kind, help, value);
    }
    text.0
}

/// Levels and counters in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "system", operation_id = "scrapeMetrics", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn scrape(State(api): State<Api>, caller: Caller) -> Reply<Response> {
    caller.require(&action::SYSTEM_READ, "")?;
    let bounds = api.log.bounds();
    let cursors: Vec<_> = api
        .log
        .cursors()
        .into_iter()
        .map(|state| Cursor::new(state, bounds.next))
        .collect();
    let text = expose(&api.platform.vitals(), &api.lake.stats(), bounds, &cursors);
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_labels_are_well_formed() {
        let mut text = Exposition::default();
        text.family(
            "a_total",
            "counter",
            "Help.",
            [(label("code", "x\"y\\z\n"), 2.0)],
        );
        assert_eq!(
            text.0,
            "# HELP a_total Help.\n# TYPE a_total counter\na_total{code=\"x\\\"y\\\\z\\n\"} 2\n"
        );
    }
}
