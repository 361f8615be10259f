//! The same eight questions to the platform and to DuckDB, over the files that the lake wrote.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trunkline_model::Timestamp;

use crate::fleet::{self, Fleet};
use crate::http::Connection;
use crate::ingest::millis;
use crate::platform::{Platform, folder, statement};
use crate::report::{Report, Target};

/// Rows of the table, and the time that they cover, in seconds.
const ROWS: u64 = 20_000_000;
const SPAN: i64 = 24 * 3_600;
/// Runs of a statement of which the quickest counts.
const ROUNDS: usize = 7;

/// A question, with `{hours:N}` for the time N hours before the newest reading and `{json:KEY}` for a text of the attributes.
struct Question {
    name: &'static str,
    sql: &'static str,
}

const COMPARED: [Question; 8] = [
    Question {
        name: "Q1 five aggregates for each metric",
        sql: "select metric, count(*), avg(value), min(value), max(value), sum(value) from telemetry group by metric order by metric",
    },
    Question {
        name: "Q2 one metric, six hours, for each minute",
        sql: "select date_trunc('minute', time) as minute, avg(value) from telemetry \
              where metric = 'temperature' and time >= {hours:6} group by minute order by minute",
    },
    Question {
        name: "Q3 95th percentile for each device, the top ten",
        sql: "select device_id, {p95} as p from telemetry where metric = 'temperature' group by device_id order by p desc, device_id limit 10",
    },
    Question {
        name: "Q4 average for each of two JSON paths",
        sql: "select attributes->>'site' as site, attributes->>'firmware' as firmware, avg(value), count(*) from telemetry \
              group by site, firmware order by site, firmware",
    },
    Question {
        name: "Q5 latest row for each device and metric, by row_number",
        sql: "select device_id, metric, time, value, attributes from (select *, row_number() over (partition by device_id, metric order by time desc) as place \
              from telemetry) where place = 1 order by device_id, metric limit 50000",
    },
    Question {
        name: "Q6 newest 500 rows of one device",
        sql: "select time, metric, value from telemetry where device_id = 'device-00042' order by time desc limit 500",
    },
    Question {
        name: "Q7 distinct devices for each hour",
        sql: "select date_trunc('hour', time) as hour, count(distinct device_id) from telemetry group by hour order by hour",
    },
    Question {
        name: "Q8 latest value for each device and metric",
        sql: "select device_id, metric, {latest} from telemetry group by device_id, metric order by device_id, metric",
    },
];

const LAST_HOUR: [Question; 4] = [
    Question {
        name: "last hour: rows and devices",
        sql: "select count(*), count(distinct device_id) from telemetry where time >= {hours:1}",
    },
    Question {
        name: "last hour: average for each metric and minute",
        sql: "select metric, date_trunc('minute', time) as minute, avg(value) from telemetry where time >= {hours:1} group by metric, minute order by metric, minute",
    },
    Question {
        name: "last hour: one device",
        sql: "select time, metric, value from telemetry where device_id = 'device-00042' and time >= {hours:1} order by time",
    },
    Question {
        name: "last hour: the ten highest values",
        sql: "select time, device_id, value from telemetry where metric = 'temperature' and time >= {hours:1} order by value desc, time limit 10",
    },
];

/// Fills the table, then asks both in turn.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let data = folder("queries")?.join("data");
    // Clean-up at once, so that the folder holds the newest version alone.
    let platform = Platform::start(&data, &[("TRUNKLINE__LAKE__MAINTENANCE_SECONDS", "10")])?;
    let newest = crate::now();
    platform.process.forget_peak()?;
    fleet::send_all(&platform, Fleet::new(ROWS, newest, SPAN), ROWS, 4)?;
    let intake_peak = platform.process.peak()?;
    platform.settle("telemetry")?;
    size(&platform, intake_peak, report)?;
    compare(&platform, &data, newest, report)
}

fn size(platform: &Platform, intake_peak: u64, report: &mut Report) -> Result<()> {
    let table = platform.table("telemetry")?;
    let number = |field: &str| {
        table[field]
            .as_f64()
            .with_context(|| format!("{field} in {table}"))
    };
    ensure!(number("rows")? == ROWS as f64, "rows are missing: {table}");
    let section = report.section("Size", &format!("{ROWS} readings of {} series over a day, with two decimals, attributes that change, and no ids.", fleet::DEVICES * 4));
    section.at_most(
        "bytes of Parquet for each reading, after compaction",
        number("bytes")? / ROWS as f64,
        Target(12.0),
    );
    section.figure("files", number("files")?);
    section.figure(
        "most resident memory while they came in, MiB",
        intake_peak as f64,
    );
    section.figure(
        "most resident memory with compaction, MiB",
        platform.process.peak()? as f64,
    );
    Ok(())
}

fn compare(platform: &Platform, data: &Path, newest: i64, report: &mut Report) -> Result<()> {
    let mut duck = Duck::start(&data.join("lake/telemetry"))?;
    let mut connection = platform.connect()?;
    platform.process.forget_peak()?;
    let mut rows = Vec::new();
    for question in &COMPARED {
        let mut best = [Duration::MAX; 2];
        let (ours, theirs) = (question.ours(newest), question.theirs(newest));
        for _ in 0..ROUNDS {
            let (time, answer) = ask(&mut connection, &ours)?;
            let (duck_time, duck_answer) = duck.ask(&theirs)?;
            best = [best[0].min(time), best[1].min(duck_time)];
            agree(question, &answer, &duck_answer)?;
        }
        rows.push((question.name, best));
    }
    let section = report.section(
        "Queries beside DuckDB",
        &format!(
            "The same files, two threads, the best of {ROUNDS}, in turn; milliseconds over HTTP with JSON here, in its own process for DuckDB {}.",
            duck.version
        ),
    );
    for (name, [ours, theirs]) in rows {
        section.figure(&format!("{name}: Trunkline"), millis(ours));
        section.figure(&format!("{name}: DuckDB"), millis(theirs));
        section.at_most(
            &format!("{name}: ratio"),
            ours.as_secs_f64() / theirs.as_secs_f64(),
            Target(1.3),
        );
    }
    section.figure(
        "most resident memory while asked, MiB",
        platform.process.peak()? as f64,
    );
    let section = report.section(
        "Queries of the last hour",
        &format!("Of the same table, best of {ROUNDS}, milliseconds over HTTP."),
    );
    for question in &LAST_HOUR {
        let query = question.ours(newest);
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            best = best.min(ask(&mut connection, &query)?.0);
        }
        section.at_most(question.name, millis(best), Target(50.0));
    }
    Ok(())
}

impl Question {
    fn ours(&self, newest: i64) -> String {
        self.filled(
            newest,
            "approx_percentile_cont(value, 0.95)",
            "last_value(value order by time)",
        )
    }

    fn theirs(&self, newest: i64) -> String {
        self.filled(
            newest,
            "approx_quantile(value, 0.95)",
            "arg_max(value, time)",
        )
    }

    fn filled(&self, newest: i64, p95: &str, latest: &str) -> String {
        let mut sql = self.sql.replace("{p95}", p95).replace("{latest}", latest);
        for hours in [1, 6] {
            let time = Timestamp::from_micros(newest - hours * 3_600_000_000);
            sql = sql.replace(
                &format!("{{hours:{hours}}}"),
                &format!("timestamptz '{time}'"),
            );
        }
        sql
    }
}

fn ask(connection: &mut Connection, query: &str) -> Result<(Duration, Value)> {
    let body = statement(query);
    let started = Instant::now();
    let (status, answer) = connection.post("/v1/sql", "application/json", &body)?;
    let time = started.elapsed();
    ensure!(
        status == 200,
        "{query}: {}",
        String::from_utf8_lossy(&answer)
    );
    Ok((time, serde_json::from_slice(&answer)?))
}

/// A comparison of different answers is none. Percentiles are approximate in both, so only their number is compared.
fn agree(question: &Question, ours: &Value, theirs: &Value) -> Result<()> {
    let rows = ours["rows"].as_array().map_or(0, Vec::len) as u64;
    ensure!(
        Some(rows) == theirs["rows"].as_u64(),
        "{}: {rows} rows here, {} there",
        question.name,
        theirs["rows"]
    );
    Ok(())
}

/// DuckDB in a Python process that answers line by line.
struct Duck {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    version: String,
}

impl Duck {
    fn start(table: &Path) -> Result<Self> {
        let interpreter = std::env::var("TRUNKLINE_PYTHON")
            .context("TRUNKLINE_PYTHON names an interpreter with duckdb; `make bench` sets it")?;
        let mut child = Command::new(interpreter)
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../tests/bench/ask_duckdb.py"
            ))
            .arg(table)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let asks = child.stdin.take().context("its input")?;
        let mut answers = BufReader::new(child.stdout.take().context("its output")?);
        let mut version = String::new();
        answers.read_line(&mut version)?;
        Ok(Self {
            child,
            asks,
            answers,
            version: version.trim().to_owned(),
        })
    }

    fn ask(&mut self, query: &str) -> Result<(Duration, Value)> {
        writeln!(self.asks, "{}", json!(query))?;
        self.asks.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Value =
            serde_json::from_str(&line).with_context(|| format!("duckdb on {query}: {line:?}"))?;
        let seconds = answer["seconds"]
            .as_f64()
            .with_context(|| format!("{query}: {answer}"))?;
        Ok((Duration::from_secs_f64(seconds), answer))
    }
}

impl Drop for Duck {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}
