//! Levels and counters for Prometheus.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use trunkline_lake::LakeStats;
use trunkline_log::Bounds;
use trunkline_model::Scope;
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

#[expect(
    clippy::cast_precision_loss,
    reason = "the format knows only floating point numbers"
)]
fn expose(vitals: &Vitals, lake: &LakeStats, bounds: Bounds, cursors: &[Cursor]) -> String {
    let mut text = Exposition::default();
    let counts =
        |counts: &std::collections::BTreeMap<String, u64>, name: &str| -> Vec<(String, f64)> {
            counts
                .iter()
                .map(|(value, count)| (label(name, value), *count as f64))
                .collect()
        };
    text.family(
        "trunkline_ingest_accepted_total",
        "counter",
        "Events taken, by protocol.",
        counts(&vitals.ingest.accepted_total, "protocol"),
    );
    text.family(
        "trunkline_ingest_refused_total",
        "counter",
        "Refusals, by error code.",
        counts(&vitals.ingest.refused_total, "code"),
    );
    text.one(
        "trunkline_log_appends_total",
        "counter",
        "Batches appended.",
        vitals.log.appends,
    );
    text.one(
        "trunkline_log_messages_total",
        "counter",
        "Messages appended.",
        vitals.log.messages,
    );
    text.one(
        "trunkline_log_duplicates_total",
        "counter",
        "Messages that the log had already.",
        vitals.log.duplicates,
    );
    text.one(
        "trunkline_log_fsyncs_total",
        "counter",
        "Times that the disk was made to write.",
        vitals.log.fsyncs,
    );
    text.one(
        "trunkline_log_written_bytes_total",
        "counter",
        "Bytes written.",
        vitals.log.bytes,
    );
    text.one(
        "trunkline_log_refused_total",
        "counter",
        "Appends refused.",
        vitals.log.refused,
    );
    text.one(
        "trunkline_log_next_offset",
        "gauge",
        "The offset that the next message will get.",
        bounds.next.0,
    );
    text.one(
        "trunkline_log_bytes",
        "gauge",
        "Bytes on disk.",
        bounds.bytes,
    );
    let lags = cursors
        .iter()
        .map(|cursor| (label("cursor", &cursor.name), cursor.lag as f64));
    text.family(
        "trunkline_log_cursor_lag",
        "gauge",
        "Messages that a consumer has not finished.",
        lags,
    );
    text.one(
        "trunkline_lake_hot_rows",
        "gauge",
        "Rows that no file holds yet.",
        lake.hot_rows,
    );
    text.one(
        "trunkline_lake_hot_bytes",
        "gauge",
        "Memory that they take.",
        lake.hot_bytes,
    );
    text.one(
        "trunkline_lake_visible_offset",
        "gauge",
        "Every event before it is seen by SQL.",
        lake.visible.0,
    );
    text.one(
        "trunkline_lake_flushes_total",
        "counter",
        "Commits of rows to Delta tables.",
        lake.flushes,
    );
    text.one(
        "trunkline_lake_flush_failures_total",
        "counter",
        "Commits that storage refused.",
        lake.flush_failures,
    );
    text.one(
        "trunkline_lake_compacted_files_total",
        "counter",
        "Files that compaction replaced.",
        lake.compacted_files,
    );
    text.one(
        "process_resident_memory_bytes",
        "gauge",
        "Resident memory.",
        vitals.process.resident_bytes,
    );
    text.family(
        "process_cpu_seconds_total",
        "counter",
        "Processor time.",
        [("", vitals.process.cpu_seconds)],
    );
    text.one(
        "trunkline_disk_free_bytes",
        "gauge",
        "Bytes free under the data directory.",
        vitals.disk.free_bytes,
    );
    text.0
}

/// Levels and counters in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "system", operation_id = "scrapeMetrics", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn scrape(State(api): State<Api>, caller: Caller) -> Reply<Response> {
    caller.require(Scope::Read)?;
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
