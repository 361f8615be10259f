//! What a real device should report.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::lookup::number;
use super::parts::{Model, Output, Tells};
use crate::expression::Kind;
use crate::limits;
use crate::program::World;
use crate::random::Chance;
use crate::state::State;

/// What is expected where chance does not play a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// All variables.
    pub variables: Map<String, Value>,
    /// The whole report, as the device would make it.
    pub reported: Map<String, Value>,
    /// The state of the state machine, where the model has one.
    pub state: Option<Arc<str>>,
}

impl Model {
    /// Takes over what a real device reported: a part of the report that is a variable, rounded or not, sets it, and one that is the
    /// state sets that. What is of another kind than it should be is left aside.
    pub fn observe(&self, state: &mut State, reported: &Map<String, Value>) {
        self.fit(state);
        for output in &self.report {
            if let Some(seen) = self.seen(output, reported) {
                self.believe(state, output, seen);
            }
        }
    }

    /// What `reported` has of a part of the report, as models reckon with it; nothing where that is of another kind.
    pub(super) fn seen(&self, output: &Output, reported: &Map<String, Value>) -> Option<f64> {
        let value = reported.get(&*output.name)?;
        if output.kind != Kind::State {
            return number(value, output.kind);
        }
        let mut states = self.states.iter();
        let place = states.position(|state| Some(&*state.name) == value.as_str())?;
        Some(place as f64)
    }

    /// Takes over a part of the report, where it tells something of the device's state.
    pub(super) fn believe(&self, state: &mut State, output: &Output, seen: f64) {
        match output.tells {
            Some(Tells::Variable(place)) => {
                let variable = self.variables.get(place);
                if let (Some(variable), Some((_, value))) = (variable, state.values.get_mut(place))
                {
                    *value = variable.bounds.hold(seen);
                }
            }
            Some(Tells::State) => {
                if let Some(found) = self.states.get(seen as usize)
                    && state.state.as_ref() != Some(&found.name)
                {
                    state.state = Some(Arc::clone(&found.name));
                    state.in_state = 0.0;
                }
            }
            // What the device is told comes from elsewhere.
            Some(Tells::Input(_)) | None => {}
        }
    }

    /// What is expected `seconds` after `state`, which stays as it is, if `desired` is what is wanted of the device meanwhile. Noise
    /// and what is uniform are at their mean, and a chance comes true where it is likelier than not. The way there is made in steps of
    /// [`Model::every`]; nothing where it takes more than 10,000 of them.
    #[must_use]
    pub fn predict(
        &self,
        state: &State,
        desired: &Map<String, Value>,
        seconds: f64,
    ) -> Option<Prediction> {
        let mut state = state.clone();
        self.fit(&mut state);
        let world = self.go_ahead(&mut state, self.given(desired), seconds)?;
        let variables = self.variables.iter().zip(&world.values);
        let variables = variables.filter_map(|(variable, value)| {
            let shown = self.shown(*value, variable.kind)?;
            Some((variable.name.to_string(), shown))
        });
        Some(Prediction {
            variables: variables.collect(),
            reported: self.tell(&self.report, &world),
            state: state.state,
        })
    }

    /// Makes the way of `seconds` from `state` on, without chance; what expressions see at its end. Nothing where it takes too many steps:
    /// then the state stays as it is.
    pub(super) fn go_ahead(
        &self,
        state: &mut State,
        inputs: Vec<f64>,
        seconds: f64,
    ) -> Option<World> {
        let every = self.every.as_secs_f64();
        let mut left = if seconds.is_finite() {
            seconds.max(0.0)
        } else {
            return None;
        };
        if left > every * f64::from(limits::AHEAD) {
            return None;
        }
        let mut world = self.world(state, inputs, Chance::Mean);
        while left > 0.0 {
            // What is left after the last whole step may be a crumb of rounding.
            let step = if left < every * 1.000_001 {
                left
            } else {
                every
            };
            self.advance(state, &mut world, step);
            left -= step;
        }
        Some(world)
    }
}
