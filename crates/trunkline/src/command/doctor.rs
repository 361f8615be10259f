//! `trunkline doctor`.

use serde_json::Value;

use crate::cli::{Doctor, Globals};
use crate::{Exit, Failure};
use trunkline_doctor::{Check, files, forge, log, platform, ports};
use trunkline_platform::{Config, DataDir};
use trunkline_terminal::{Format, Grid, style};

/// Checks everything that can be checked; fails where a check does.
pub(super) async fn run(globals: &Globals, doctor: Doctor) -> Result<Exit, Failure> {
    let data = globals.data_dir()?;
    let (mut checks, config) = configuration(globals);
    let running = on_disk(&data, &config, &mut checks);
    checks.extend(forge(&config.forge).await);
    let named = globals.server.is_some();
    if !doctor.offline && (running || named) {
        checks.extend(platform(globals).await);
    }
    print(globals, &checks)?;
    let failing = checks.iter().any(Check::is_failure);
    Ok(if failing { Exit::Failed } else { Exit::Done })
}

fn configuration(globals: &Globals) -> (Vec<Check>, Config) {
    match globals.load(&[]) {
        Ok(loaded) => {
            let from = loaded
                .file
                .as_ref()
                .map_or_else(|| "no file".to_owned(), |path| path.display().to_string());
            (vec![Check::good("configuration", from)], loaded.config)
        }
        Err(failure) => (
            vec![Check::fail("configuration", failure.to_string())],
            Config::default(),
        ),
    }
}

/// The checks of files and ports; whether a platform has the data directory open.
fn on_disk(data: &DataDir, config: &Config, checks: &mut Vec<Check>) -> bool {
    checks.extend(files(data, config.log.reserve_bytes));
    let (found, running) = log(data, &config.log);
    checks.extend(found);
    if !running {
        checks.extend(ports(config));
    }
    running
}

fn print(globals: &Globals, checks: &[Check]) -> Result<(), Failure> {
    let printer = globals.printer();
    let rows: Vec<Value> = checks.iter().map(Check::json).collect();
    if printer.format != Format::Table {
        return Ok(printer.document(
            &Value::Array(rows.clone()),
            &rows,
            &["check", "status", "detail"],
        )?);
    }
    printer.data(&Grid::of_objects(&["status", "check", "detail"], &rows).table())?;
    let bad = checks.iter().filter(|check| check.status() != "ok").count();
    printer.say(&match bad {
        0 => style::good("all is well"),
        bad => style::warning(&format!("{bad} of {} checks want a look", checks.len())),
    });
    Ok(())
}
