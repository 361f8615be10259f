//! What came of a scenario.

use std::sync::Arc;

use serde::Serialize;

/// How far a scenario is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps that were made.
    pub done: u64,
    /// Steps that are to be made.
    pub total: u64,
}

/// A field of the things of a kind over a part of the time. Truth values count as 1 and 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// When the part begins, in seconds after the start.
    pub time: f64,
    /// The kind.
    pub kind: Arc<str>,
    /// The field of the telemetry; where a model has none, a variable.
    pub field: Arc<str>,
    /// How many values there were.
    pub count: u64,
    /// The smallest.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// What 95 of 100 values do not exceed, to within one per cent.
    pub p95: f64,
    /// The largest.
    pub max: f64,
}

/// How often things of a kind went from one state to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crossing {
    /// The kind.
    pub kind: Arc<str>,
    /// The state before.
    pub from: Arc<str>,
    /// The state after.
    pub to: Arc<str>,
    /// How often.
    pub count: u64,
    /// How many things did it at least once.
    pub things: u64,
}

/// How many things of a kind are in a state at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// The kind.
    pub kind: Arc<str>,
    /// The state.
    pub state: Arc<str>,
    /// How many.
    pub things: u64,
}

/// What the things of a kind would send to the broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// The kind.
    pub kind: Arc<str>,
    /// How many things there are.
    pub things: u64,
    /// Steps that they made.
    pub steps: u64,
    /// Messages: telemetry and reports.
    pub messages: u64,
    /// Bytes of these as packets of MQTT 5 with a quality of service of 1.
    pub bytes: u64,
}

/// What came of a scenario. The same scenario has the same outcome on every machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// How many seconds it went ahead.
    pub seconds: f64,
    /// How many seconds a row is about.
    pub bucket_seconds: f64,
    /// How many things have no model, and were left out.
    pub left_out: usize,
    /// Fields over time: by time, then by kind, then in the order of the model.
    pub rows: Vec<Row>,
    /// Changes of state.
    pub transitions: Vec<Crossing>,
    /// States at the end.
    pub ends: Vec<Ending>,
    /// Messages.
    pub traffic: Vec<Traffic>,
}
