//! One step.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::parts::{Model, Variable};
use crate::expression::Kind;
use crate::limits;
use crate::program::World;
use crate::random::{Chance, Key};
use crate::state::State;

/// What came of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The message for [`Model::topic`]; nothing where the model is silent.
    pub telemetry: Option<Value>,
    /// What of the report is new, for the section `reported` of the twin; nothing where all is as it was.
    pub reported: Option<Map<String, Value>>,
    /// From which state it went to which other.
    pub transition: Option<Transition>,
}

/// A change of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state until then.
    pub from: Arc<str>,
    /// The state from then on.
    pub to: Arc<str>,
}

impl Model {
    /// A device called `thing` before its first step.
    #[must_use]
    pub fn start(&self, thing: &str, seed: u64) -> State {
        let mut state = self.blank(thing, seed);
        state.values = self.starts(&state, drawn(&state, 0));
        state
    }

    /// A device before its first step of which nothing is by chance.
    pub(super) fn start_at_mean(&self, thing: &str) -> State {
        let mut state = self.blank(thing, 0);
        state.values = self.starts(&state, Chance::Mean);
        state
    }

    /// A device without values.
    fn blank(&self, thing: &str, seed: u64) -> State {
        State {
            thing: thing.into(),
            seed,
            shape: self.shape,
            steps: 0,
            seconds: 0.0,
            state: self.states.first().map(|state| Arc::clone(&state.name)),
            in_state: 0.0,
            values: Vec::new(),
            reported: Vec::new(),
        }
    }

    /// The step of `seconds` after `state`, which it changes; `desired` is what is wanted of the device, as its twin says it. Seconds
    /// that are no number or negative are none, and a step is no longer than a year.
    pub fn step(&self, state: &mut State, desired: &Map<String, Value>, seconds: f64) -> Step {
        self.fit(state);
        let mut world = self.world(state, self.given(desired), drawn(state, state.steps + 1));
        let transition = self.advance(state, &mut world, seconds);
        Step {
            telemetry: self.publish(&world),
            reported: self.report_changed(state, &world),
            transition,
        }
    }

    pub(super) fn given(&self, desired: &Map<String, Value>) -> Vec<f64> {
        self.inputs
            .iter()
            .map(|input| input.look_up(desired))
            .collect()
    }

    /// What expressions see of `state`, as long as nothing has been reckoned.
    pub(super) fn world(&self, state: &State, inputs: Vec<f64>, chance: Chance) -> World {
        let values: Vec<f64> = state.values.iter().map(|(_, value)| *value).collect();
        let place = state.state.as_ref().and_then(|name| {
            let mut states = self.states.iter();
            states.position(|state| state.name == *name)
        });
        World {
            before: values.clone(),
            values,
            inputs,
            time: state.seconds,
            delta: 0.0,
            state: place.unwrap_or_default(),
            in_state: state.in_state,
            chance,
        }
    }

    /// Makes a step in `world`, and writes it into `state`.
    pub(super) fn advance(
        &self,
        state: &mut State,
        world: &mut World,
        seconds: f64,
    ) -> Option<Transition> {
        world.delta = if seconds.is_finite() {
            seconds.clamp(0.0, limits::STEP_SECONDS)
        } else {
            0.0
        };
        world.time = (world.time + world.delta).min(f64::MAX);
        world.in_state = (world.in_state + world.delta).min(f64::MAX);
        world.before.clone_from(&world.values);
        for (place, variable) in self.variables.iter().enumerate() {
            let next = variable.next.as_ref().and_then(|next| next.run(world));
            if let (Some(next), Some(value)) = (next, world.values.get_mut(place)) {
                *value = variable.bounds.hold(next);
            }
        }
        let transition = self.transit(world);
        for ((_, kept), value) in state.values.iter_mut().zip(&world.values) {
            *kept = *value;
        }
        if let Some(transition) = &transition {
            state.state = Some(Arc::clone(&transition.to));
        }
        state.in_state = if self.states.is_empty() {
            0.0
        } else {
            world.in_state
        };
        state.seconds = world.time;
        state.steps = state.steps.saturating_add(1);
        transition
    }

    /// Takes the first transition that is true.
    fn transit(&self, world: &mut World) -> Option<Transition> {
        let from = self.states.get(world.state)?;
        let found = from.transitions.iter().find(|(when, _)| when.holds(world));
        let (_, number) = found?;
        let to = self.states.get(*number)?;
        world.state = *number;
        world.in_state = 0.0;
        Some(Transition {
            from: Arc::clone(&from.name),
            to: Arc::clone(&to.name),
        })
    }

    /// The first values of all variables.
    fn starts(&self, state: &State, chance: Chance) -> Vec<(Arc<str>, f64)> {
        let mut world = self.world(state, Vec::new(), chance);
        world.values.clear();
        for variable in &self.variables {
            let value = variable.start.run(&world).unwrap_or_default();
            world.values.push(variable.bounds.hold(value));
        }
        let names = self.variables.iter().map(|variable| &variable.name);
        names.cloned().zip(world.values).collect()
    }

    /// Makes a state that another version of the model left behind one of this model.
    pub(super) fn fit(&self, state: &mut State) {
        if state.shape == self.shape && state.values.len() == self.variables.len() {
            return;
        }
        let mut values = self.starts(state, drawn(state, 0));
        for ((name, value), variable) in values.iter_mut().zip(&self.variables) {
            let mut kept = state.values.iter();
            if let Some((_, kept)) = kept.find(|(kept, _)| kept == name)
                && variable.may_be(*kept)
            {
                *value = variable.bounds.hold(*kept);
            }
        }
        let mut states = self.states.iter();
        let known = states.any(|known| Some(&known.name) == state.state.as_ref());
        if !known {
            state.state = self.states.first().map(|state| Arc::clone(&state.name));
            state.in_state = 0.0;
        }
        state.values = values;
        state.reported.clear();
        state.shape = self.shape;
    }
}

impl Variable {
    /// Whether `value` is of its kind.
    fn may_be(&self, value: f64) -> bool {
        match self.kind {
            Kind::Boolean => value == 0.0 || value == 1.0,
            _ => value.is_finite(),
        }
    }
}

/// Chance for the step with this number.
fn drawn(state: &State, step: u64) -> Chance {
    Chance::Drawn {
        key: Key::new(state.seed, &state.thing),
        step,
    }
}
