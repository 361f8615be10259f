//! The landing queue beside other strategies, in the simulator.

use anyhow::{Context, Result};
use trunkline_landing::Kind;
use trunkline_landing::simulate::{Line, table};

use crate::report::{Report, Target};

/// Worlds, each with other changes.
const SEEDS: u64 = 12;
/// Changes of each.
const CHANGES: usize = 100;
/// Changes an hour.
const RATES: [f64; 4] = [12.0, 20.0, 28.0, 36.0];
/// Where the targets are.
const BUSY: f64 = 28.0;

/// Runs all strategies through the same worlds.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let lines = table(SEEDS, CHANGES, &RATES);
    let section = report.section(
        "Landing queue, in the simulator",
        &format!(
            "200 projects, 4 slots, 120 s for the test of a project, 6 % of the changes bad, 1 % of pairs in conflict, {SEEDS} worlds of {CHANGES} changes; \
             all strategies through the same worlds, from submission until a change has landed."
        ),
    );
    for line in &lines {
        let what = format!("{} changes an hour, {}", line.rate, name(line.strategy));
        section.figure(&format!("{what}: seconds, median"), line.median);
        section.figure(&format!("{what}: seconds, 95 of 100"), line.p95);
        section.figure(
            &format!("{what}: seconds of slots for each that landed"),
            line.slot_seconds,
        );
    }
    let of = |kind: Kind| {
        let found = lines
            .iter()
            .find(|line| line.strategy == kind && line.rate == BUSY);
        found.context("a strategy is missing")
    };
    let (ours, batches, speculation) = (
        of(Kind::GreenKey)?,
        of(Kind::BatchBisect)?,
        of(Kind::Speculation)?,
    );
    section.at_most(
        "28 an hour: median beside batches that are halved",
        ours.median / batches.median,
        Target(0.25),
    );
    section.at_most(
        "28 an hour: median beside speculation",
        ours.median / speculation.median,
        Target(0.75),
    );
    section.at_most(
        "28 an hour: 95 of 100 beside speculation",
        ours.p95 / speculation.p95,
        Target(0.65),
    );
    let wrong: usize = lines.iter().map(wrongs).sum();
    section.at_most(
        "trunks that were red, changes that were lost or refused without fault",
        wrong as f64,
        Target(0.0),
    );
    Ok(())
}

fn wrongs(line: &Line) -> usize {
    line.red + line.lost + line.wronged
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Serial => "one at a time",
        Kind::BatchBisect => "batches that are halved (bors)",
        Kind::Speculation => "speculation (Zuul)",
        Kind::SpeculationWithKeys => "speculation with keys",
        Kind::GreenKey => "green keys in lanes (here)",
    }
}
