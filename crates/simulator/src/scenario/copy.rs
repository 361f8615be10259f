//! The copy that is run ahead.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use trunkline_behaviour::{Model, State};

use super::problem::ScenarioError;
use super::statistics::Statistics;
use super::time::{TimeLine, millis, steps};
use super::what_if::{Scenario, Twin};

/// From which state to which other.
pub(super) type Ways = (Arc<str>, Arc<str>);

/// The things of a kind, and what was seen of them.
pub(super) struct Kind {
    pub(super) model: Model,
    pub(super) name: Arc<str>,
    /// Milliseconds of a step.
    pub(super) every: u64,
    /// How many steps each thing makes.
    pub(super) steps: u64,
    pub(super) things: Vec<Thing>,
    /// Fields in their order, with what was seen of them in the present bucket.
    pub(super) fields: Vec<(Arc<str>, Statistics)>,
    /// Whether the fields are those of the telemetry; or else they are the variables.
    pub(super) has_telemetry: bool,
    /// How often things went from one state to another, and how many of them.
    pub(super) crossings: HashMap<Ways, (u64, HashSet<usize>)>,
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

/// A thing in the copy.
pub(super) struct Thing {
    pub(super) state: State,
    pub(super) desired: Map<String, Value>,
    /// Bytes of the topics of its telemetry and of its reports.
    pub(super) topics: (usize, usize),
}

/// The copy of a fleet.
pub(super) struct Copy {
    pub(super) kinds: Vec<Kind>,
    pub(super) left_out: usize,
    pub(super) line: TimeLine,
    pub(super) total: u64,
}

impl Copy {
    /// Makes the copy with its changes.
    pub(super) fn of(scenario: Scenario) -> Result<Self, ScenarioError> {
        if scenario.things.len() > Scenario::THINGS {
            return Err(ScenarioError::TooManyThings(scenario.things.len()));
        }
        let mut kinds: Vec<Kind> = Vec::new();
        for model in &scenario.models {
            if kinds.iter().any(|kind| &*kind.name == model.kind()) {
                return Err(ScenarioError::TwoModels(model.kind().into()));
            }
            kinds.push(Kind::new(model.clone()));
        }
        let places: HashMap<Arc<str>, usize> = kinds
            .iter()
            .enumerate()
            .map(|(place, kind)| (Arc::clone(&kind.name), place))
            .collect();
        let counted = count(&scenario, &places)?;
        let (met, every): (Vec<usize>, Vec<u64>) = kinds
            .iter()
            .zip(&counted)
            .filter(|(_, count)| **count > 0)
            .map(|(kind, count)| (*count, kind.every))
            .unzip();
        if met.is_empty() {
            return Err(ScenarioError::Nothing);
        }
        let line = TimeLine::new(&scenario, &every)?;
        let mut total = 0_u64;
        for (kind, count) in kinds.iter_mut().zip(&counted) {
            kind.steps = steps(scenario.length, kind.every, line.end);
            total = total.saturating_add(kind.steps.saturating_mul(*count as u64));
        }
        match total {
            0 => return Err(ScenarioError::TooShort),
            Scenario::STEPS.. if total > Scenario::STEPS => {
                return Err(ScenarioError::TooManySteps(total));
            }
            _ => {}
        }
        let left_out = scenario.things.len() - counted.iter().sum::<usize>();
        fill(&mut kinds, &places, scenario)?;
        kinds.retain(|kind| !kind.things.is_empty());
        Ok(Self {
            kinds,
            left_out,
            line,
            total,
        })
    }
}

/// How many things of each kind there are.
fn count(
    scenario: &Scenario,
    places: &HashMap<Arc<str>, usize>,
) -> Result<Vec<usize>, ScenarioError> {
    let mut counted = vec![0; places.len()];
    let mut names = HashSet::new();
    for twin in &scenario.things {
        if !names.insert(twin.name.as_str()) {
            return Err(ScenarioError::Twice(twin.name.clone()));
        }
        let place = places.get(twin.kind.as_str());
        if let Some(count) = place.and_then(|place| counted.get_mut(*place)) {
            *count += 1;
        }
    }
    Ok(counted)
}

/// Puts the things into their kinds, with what is otherwise.
fn fill(
    kinds: &mut [Kind],
    places: &HashMap<Arc<str>, usize>,
    scenario: Scenario,
) -> Result<(), ScenarioError> {
    let mut unmet: Vec<bool> = vec![true; scenario.changes.len()];
    for mut twin in scenario.things {
        let place = places.get(twin.kind.as_str());
        let Some(kind) = place.and_then(|place| kinds.get_mut(*place)) else {
            continue;
        };
        for (change, unmet) in scenario.changes.iter().zip(&mut unmet) {
            *unmet &= !change.apply(&mut twin);
        }
        kind.take(twin, scenario.seed);
    }
    let mut changes = scenario.changes.iter().zip(unmet);
    match changes.find(|(_, unmet)| *unmet) {
        Some((change, _)) => Err(ScenarioError::Unmet(change.text())),
        None => Ok(()),
    }
}

impl Kind {
    fn new(model: Model) -> Self {
        let names: Vec<Arc<str>> = model.fields().map(Into::into).collect();
        let has_telemetry = !names.is_empty();
        let names = if has_telemetry {
            names
        } else {
            model.variables().map(Into::into).collect()
        };
        let fields = names.into_iter();
        Self {
            name: model.kind().into(),
            every: millis(model.every()).max(1),
            steps: 0,
            things: Vec::new(),
            fields: fields.map(|name| (name, Statistics::default())).collect(),
            has_telemetry,
            crossings: HashMap::new(),
            messages: 0,
            bytes: 0,
            model,
        }
    }

    fn take(&mut self, twin: Twin, seed: u64) {
        let mut state = self.model.start(&twin.name, seed);
        self.model.observe(&mut state, &twin.reported);
        let telemetry = self.model.topic(&twin.name).map_or(0, |topic| topic.len());
        self.things.push(Thing {
            state,
            desired: twin.desired,
            topics: (
                telemetry,
                "$aws/things//shadow/update".len() + twin.name.len(),
            ),
        });
    }
}
