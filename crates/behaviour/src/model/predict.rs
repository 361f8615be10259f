//! What a real device should report.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::lookup::number;
use super::parts::{Model, Tells};
use crate::limits;
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
            let (Some(tells), Some(value)) = (output.tells, reported.get(&output.name)) else {
                continue;
            };
            match tells {
                Tells::Variable(place) => {
                    let Some(variable) = self.variables.get(place) else {
                        continue;
                    };
                    let seen = number(value, variable.kind);
                    if let (Some(seen), Some((_, value))) = (seen, state.values.get_mut(place)) {
                        *value = variable.bounds.hold(seen);
                    }
                }
                Tells::State => self.observe_state(state, value),
            }
        }
    }

    fn observe_state(&self, state: &mut State, value: &Value) {
        let seen = value.as_str();
        let mut states = self.states.iter();
        let Some(found) = states.find(|known| Some(&*known.name) == seen) else {
            return;
        };
        if state.state.as_ref() != Some(&found.name) {
            state.state = Some(Arc::clone(&found.name));
            state.in_state = 0.0;
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
        let every = self.every.as_secs_f64();
        let mut left = if seconds.is_finite() {
            seconds.max(0.0)
        } else {
            return None;
        };
        if left > every * f64::from(limits::AHEAD) {
            return None;
        }
        let mut state = state.clone();
        self.fit(&mut state);
        let mut world = self.world(&state, self.given(desired), Chance::Mean);
        while left > 0.0 {
            // What is left after the last whole step may be a crumb of rounding.
            let step = if left < every * 1.000_001 {
                left
            } else {
                every
            };
            self.advance(&mut state, &mut world, step);
            left -= step;
        }
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
}
