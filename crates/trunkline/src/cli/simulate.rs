//! `trunkline fleet`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use trunkline_simulator::read_duration;

/// What can be done with the fleet as a whole.
#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    /// Connect virtual devices, which behave as a model says, until Ctrl-C
    #[command(
        before_help = "Examples:\n  trunkline fleet simulate --kind pump --count 200\n  trunkline fleet simulate --kind pump --count 20 --broker mqtts://localhost:8883 --for 10m --speed 10"
    )]
    Simulate(Simulate),
    /// Run a copy of the fleet ahead as if something else were wanted of it
    #[command(
        before_help = "Examples:\n  trunkline fleet what-if --kind pump --set desired.speed=2500 --for 2h\n  trunkline fleet what-if --kind pump --set desired.speed=2500 --output json"
    )]
    WhatIf(WhatIf),
    /// Make the documents of all twins again from their versions, and compare them
    #[command(
        before_help = "Examples:\n  trunkline fleet rebuild --dry-run\n  trunkline fleet rebuild"
    )]
    Rebuild(Rebuild),
}

/// Virtual devices.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// What kind of things they are
    #[arg(long)]
    pub(crate) kind: String,
    /// How many
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) count: u32,
    /// The behaviour model; one that is shipped with the platform where it is left out
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// Where they connect to; the platform's host and port 1883 where it is left out
    #[arg(long, value_name = "URL")]
    pub(crate) broker: Option<String>,
    /// What everything that is drawn depends on
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many times faster than the real one their time goes
    #[arg(long, default_value_t = 1.0)]
    pub(crate) speed: f64,
    /// When to end, such as 10m or 1h30m
    #[arg(long = "for", value_name = "DURATION", value_parser = read_duration)]
    pub(crate) length: Option<Duration>,
    /// Take the things away at the end
    #[arg(long)]
    pub(crate) remove: bool,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A copy of the fleet, and what is otherwise in it.
#[derive(Debug, Args)]
pub(crate) struct WhatIf {
    /// Of which kind of things
    #[arg(long)]
    pub(crate) kind: String,
    /// The behaviour model; one that is shipped with the platform where it is left out
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// What is otherwise, such as desired.speed=2500
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) changes: Vec<String>,
    /// How far ahead to go, such as 2h
    #[arg(long = "for", value_name = "DURATION", value_parser = read_duration, default_value = "1h")]
    pub(crate) length: Duration,
    /// What everything that is drawn depends on
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// How documents are made again.
#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// Compare only, and leave the present documents as they are
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}
