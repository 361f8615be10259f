//! How the platform is.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use trunkline_lake::LakeStats;
use trunkline_model::{Timestamp, action, catalogue};
use trunkline_web::{Caller, Reply};
use utoipa::ToSchema;

use crate::port::Cursor;
use crate::{Api, Disk, IngestTotals, Listener, Process, Vitals};

/// How the platform is, at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct System {
    /// The version.
    version: &'static str,
    /// The commit that it was built from.
    commit: &'static str,
    /// When it was started.
    #[schema(value_type = String, format = DateTime)]
    started: Timestamp,
    /// Seconds since then.
    uptime_seconds: u64,
    /// ok or degraded.
    status: &'static str,
    /// What the status is made of.
    checks: Vec<Check>,
    /// The log.
    log: LogSystem,
    /// The lake.
    lake: LakeSystem,
    /// What came in.
    ingest: IngestTotals,
    /// The process.
    process: Process,
    /// The disk under the data directory.
    disk: Disk,
    /// What listens where.
    listeners: Vec<Listener>,
}

/// How well a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// As it should be.
    Ok,
    /// Not yet bad.
    Warn,
    /// Bad.
    Fail,
    /// It could not be looked at.
    Blind,
}

/// One thing that can be well or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Check {
    /// What was looked at.
    name: &'static str,
    /// How well it is.
    status: Status,
    /// What was found.
    detail: String,
}

/// The log, at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LogSystem {
    /// The oldest offset that can be read.
    first_offset: u64,
    /// The offset that the next message will get.
    next_offset: u64,
    /// Bytes on disk.
    bytes: u64,
    /// Files on disk.
    segments: u64,
    /// How far each consumer has come.
    cursors: Vec<Cursor>,
    /// Batches since the start.
    appends_total: u64,
    /// Messages since the start.
    messages_total: u64,
    /// Messages that it had already.
    duplicates_total: u64,
    /// Times that it made the disk write.
    fsyncs_total: u64,
}

/// The lake, at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LakeSystem {
    /// Rows that no file holds yet.
    hot_rows: u64,
    /// Memory that they take.
    hot_bytes: u64,
    /// Every event before this offset is seen by SQL.
    visible_offset: u64,
    /// Every event before this offset is in a Delta table.
    committed_offset: u64,
    /// Commits of rows since the start.
    flushes_total: u64,
    /// Commits that storage refused.
    flush_failures_total: u64,
    /// Files that compaction replaced.
    compactions_total: u64,
    /// How many tables there are.
    tables: u64,
}

/// Messages that SQL may be behind the log before it is said.
const LAG: u64 = 1_000_000;
/// The share of the disk, in percent, that should be free.
const FREE_PERCENT: u64 = 5;

fn checks(vitals: &Vitals, lake: &LakeStats, next: u64) -> Vec<Check> {
    let check = |name, status, detail| Check {
        name,
        status,
        detail,
    };
    let disk = &vitals.disk;
    let percent = (disk.free_bytes * 100).checked_div(disk.total_bytes);
    let room = match percent {
        None => Status::Blind,
        Some(percent) if percent < 1 => Status::Fail,
        Some(percent) if percent < FREE_PERCENT => Status::Warn,
        Some(_) => Status::Ok,
    };
    let lag = next.saturating_sub(lake.visible.0);
    vec![
        check(
            "disk",
            room,
            format!("{} of {} bytes are free", disk.free_bytes, disk.total_bytes),
        ),
        check(
            "log",
            if vitals.log.refused == 0 {
                Status::Ok
            } else {
                Status::Warn
            },
            format!(
                "{} messages since the start, {} appends refused",
                vitals.log.messages, vitals.log.refused
            ),
        ),
        check(
            "lake",
            if lag < LAG { Status::Ok } else { Status::Warn },
            format!(
                "SQL is {lag} messages behind the log, {} rows wait for a file",
                lake.hot_rows
            ),
        ),
        check(
            "storage",
            if lake.flush_failures == 0 {
                Status::Ok
            } else {
                Status::Warn
            },
            format!(
                "{} commits since the start, {} refused",
                lake.flushes, lake.flush_failures
            ),
        ),
    ]
}

/// Shows how the platform is.
#[utoipa::path(get, path = "/v1/system", tag = "system", operation_id = "showSystem", responses((status = 200, body = System)))]
pub(crate) async fn show(State(api): State<Api>, caller: Caller) -> Reply<Json<System>> {
    caller.require(&action::SYSTEM_READ, "")?;
    let vitals = api.platform.vitals();
    let lake = api.lake.stats();
    let bounds = api.log.bounds();
    let checks = checks(&vitals, &lake, bounds.next.0);
    let well = vitals.ready && checks.iter().all(|check| check.status == Status::Ok);
    let cursors = api
        .log
        .cursors()
        .into_iter()
        .map(|state| Cursor::new(state, bounds.next));
    Ok(Json(System {
        version: vitals.version,
        commit: vitals.commit,
        started: api.started,
        uptime_seconds: u64::try_from(api.clock.now().micros_since(api.started) / 1_000_000)
            .unwrap_or_default(),
        status: if well { "ok" } else { "degraded" },
        checks,
        log: LogSystem {
            first_offset: bounds.first.0,
            next_offset: bounds.next.0,
            bytes: bounds.bytes,
            segments: bounds.segments,
            cursors: cursors.collect(),
            appends_total: vitals.log.appends,
            messages_total: vitals.log.messages,
            duplicates_total: vitals.log.duplicates,
            fsyncs_total: vitals.log.fsyncs,
        },
        lake: LakeSystem {
            hot_rows: lake.hot_rows,
            hot_bytes: lake.hot_bytes,
            visible_offset: lake.visible.0,
            committed_offset: lake.committed.0,
            flushes_total: lake.flushes,
            flush_failures_total: lake.flush_failures,
            compactions_total: lake.compacted_files,
            tables: lake.tables,
        },
        ingest: vitals.ingest,
        process: vitals.process,
        disk: vitals.disk,
        listeners: vitals.listeners,
    }))
}

/// The platform's own event types.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Catalogue {
    /// By name.
    events: Vec<CatalogueEntry>,
}

/// An event type of the platform.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CatalogueEntry {
    /// The CloudEvents type.
    name: &'static str,
    /// The room that writes it.
    room: &'static str,
    /// What it says.
    meaning: &'static str,
    /// The fields of its payload.
    #[schema(value_type = Vec<String>)]
    fields: &'static [&'static str],
}

/// Lists the platform's own event types.
#[utoipa::path(get, path = "/v1/catalogue", tag = "system", operation_id = "listCatalogue", responses((status = 200, body = Catalogue)))]
pub(crate) async fn catalogue(caller: Caller) -> Reply<Json<Catalogue>> {
    caller.require(&action::SYSTEM_READ, "")?;
    let events = catalogue::ALL.iter().map(|entry| CatalogueEntry {
        name: entry.name,
        room: entry.room,
        meaning: entry.meaning,
        fields: entry.fields,
    });
    Ok(Json(Catalogue {
        events: events.collect(),
    }))
}

#[cfg(test)]
mod tests {
    use trunkline_log::Offset;

    use super::*;
    use crate::LogTotals;

    fn vitals(free_bytes: u64, total_bytes: u64) -> Vitals {
        Vitals {
            log: LogTotals::default(),
            ingest: IngestTotals::default(),
            process: Process::default(),
            disk: Disk {
                total_bytes,
                free_bytes,
                path: String::new(),
            },
            listeners: Vec::new(),
            version: "",
            commit: "",
            ready: true,
        }
    }

    fn lake(visible: u64) -> LakeStats {
        LakeStats {
            hot_rows: 0,
            hot_bytes: 0,
            visible: Offset(visible),
            committed: Offset(0),
            flushes: 0,
            flush_failures: 0,
            compacted_files: 0,
            vacuumed_files: 0,
            tables: 0,
        }
    }

    #[test]
    fn a_disk_that_cannot_be_seen_is_blind_and_not_well() {
        let status = |free, total| checks(&vitals(free, total), &lake(0), 0)[0].status;
        assert_eq!(status(0, 0), Status::Blind);
        assert_eq!(status(0, 1_000), Status::Fail);
        assert_eq!(status(30, 1_000), Status::Warn);
        assert_eq!(status(500, 1_000), Status::Ok);
    }

    #[test]
    fn sql_that_falls_behind_is_said() {
        assert_eq!(checks(&vitals(1, 1), &lake(5), 10)[2].status, Status::Ok);
        assert_eq!(
            checks(&vitals(1, 1), &lake(5), LAG + 5)[2].status,
            Status::Warn
        );
    }
}
