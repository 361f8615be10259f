//! What a model consists of.

use std::sync::Arc;
use std::time::Duration;

use super::topic::Template;
use crate::expression::Kind;
use crate::program::Program;

/// How devices of a kind behave.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) every: Duration,
    pub(super) inputs: Vec<Input>,
    pub(super) variables: Vec<Variable>,
    pub(super) states: Vec<Place>,
    pub(super) report: Vec<Output>,
    pub(super) telemetry: Option<Telemetry>,
    /// What its names and kinds are, in a number.
    pub(super) shape: u64,
}

/// What a device is told.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// Where it stands in `desired`.
    pub(super) path: Vec<String>,
    pub(super) kind: Kind,
    pub(super) default: f64,
    pub(super) bounds: Bounds,
}

#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: Arc<str>,
    pub(super) kind: Kind,
    pub(super) start: Program,
    pub(super) next: Option<Program>,
    pub(super) bounds: Bounds,
}

/// A state of the state machine, and its ways out.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: Arc<str>,
    pub(super) transitions: Vec<(Program, usize)>,
}

/// A part of the report, or a field of the telemetry.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) name: Arc<str>,
    pub(super) kind: Kind,
    pub(super) program: Program,
    /// How much a number must have changed to be reported again.
    pub(super) change: f64,
    pub(super) tells: Option<Tells>,
}

/// What is known of a device that reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    Variable(usize),
    Input(usize),
    State,
}

#[derive(Clone, Debug)]
pub(super) struct Telemetry {
    pub(super) topic: Template,
    pub(super) when: Option<Program>,
    pub(super) fields: Vec<Output>,
}

/// The smallest and the largest value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Bounds {
    pub(super) const fn hold(self, value: f64) -> f64 {
        value.max(self.least).min(self.most)
    }
}

impl Model {
    /// What the file is called, without folder and ending.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of the things that it describes.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// How long a step is meant to be.
    #[must_use]
    pub const fn every(&self) -> Duration {
        self.every
    }

    /// The names of its variables, in the order in which they are reckoned.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| &*variable.name)
    }

    /// Where its inputs stand in `desired`, each as the names of members with `.` between them.
    pub fn inputs(&self) -> impl Iterator<Item = String> {
        self.inputs.iter().map(|input| input.path.join("."))
    }

    /// The names of the fields of its telemetry, in their order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let fields = self
            .telemetry
            .iter()
            .flat_map(|telemetry| &telemetry.fields);
        fields.map(|field| &*field.name)
    }

    /// The names of its states, the first one first.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.states.iter().map(|state| &*state.name)
    }

    /// The topic of the telemetry of `thing`; nothing where there is no telemetry, and where the name cannot stand in a topic.
    #[must_use]
    pub fn topic(&self, thing: &str) -> Option<String> {
        self.telemetry.as_ref()?.topic.fill(thing, &self.kind)
    }
}
