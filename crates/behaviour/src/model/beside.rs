//! A model beside a real device: between two reports it goes on by itself, and with each one it is put right.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::parts::{Model, Tells};
use crate::limits;
use crate::program::World;
use crate::state::State;

/// A part of the report that a device has just made.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Which part of the model's report it is.
    pub(crate) place: usize,
    /// What it says, as models reckon with it: truth values are 1 and 0, and a state is its place among the states.
    pub(crate) value: f64,
    /// The second in which it was made.
    pub(crate) at: i64,
}

impl Model {
    /// The state of a device of which nothing is known but its twin.
    pub(crate) fn meet(
        &self,
        thing: &str,
        desired: &Map<String, Value>,
        reported: &Map<String, Value>,
    ) -> State {
        let mut state = self.start_at_mean(thing);
        let report = self.report.iter();
        state.reported = report.map(|output| self.seen(output, reported)).collect();
        self.settle(&mut state, desired);
        state
    }

    /// Lets what is not reported come to what fits the rest, as if the device had been as it is for a while: a pump that runs has its speed
    /// already.
    pub(crate) fn settle(&self, state: &mut State, desired: &Map<String, Value>) {
        let seconds = state.seconds;
        self.believe_all(state);
        for _ in 0..limits::SETTLING {
            self.pass(state, desired, self.every.as_secs_f64());
            self.believe_all(state);
        }
        state.seconds = seconds;
    }

    fn believe_all(&self, state: &mut State) {
        for (place, output) in self.report.iter().enumerate() {
            if let Some(value) = state.reported.get(place).copied().flatten() {
                self.believe(state, output, value);
            }
        }
    }

    /// Lets `seconds` pass, in which `desired` is what is wanted of the device; what expressions see then. Nothing happens where that takes
    /// too many steps.
    pub(crate) fn pass(
        &self,
        state: &mut State,
        desired: &Map<String, Value>,
        seconds: f64,
    ) -> Option<World> {
        let inputs = self.inputs.iter().enumerate().map(|(place, input)| {
            // A device that nobody has told anything goes by what it says itself.
            let own = || Some(input.bounds.hold(self.own_input(state, place)?));
            input.wanted(desired).or_else(own).unwrap_or(input.default)
        });
        let inputs = inputs.collect();
        self.go_ahead(state, inputs, seconds)
    }

    /// What the device reports of its input at `place`.
    fn own_input(&self, state: &State, place: usize) -> Option<f64> {
        let mut parts = self.report.iter().zip(&state.reported);
        let found = parts.find(|(output, _)| output.tells == Some(Tells::Input(place)));
        *found?.1
    }

    /// What was expected of each of the `seen` parts of the report, `seconds` after `state`, which is put right by them. Nothing is expected
    /// of a part that was never reported before, and of none where the way takes too many steps.
    pub(crate) fn compare(
        &self,
        state: &mut State,
        desired: &Map<String, Value>,
        seconds: f64,
        seen: &[Seen],
    ) -> Vec<Option<f64>> {
        let world = self.pass(state, desired, seconds);
        let expected = seen.iter().map(|seen| {
            let before = state.reported.get(seen.place).copied().flatten();
            let output = self.report.get(seen.place)?;
            before.and_then(|_| output.program.run(world.as_ref()?))
        });
        let expected = expected.collect();
        for seen in seen {
            if let Some(output) = self.report.get(seen.place) {
                self.believe(state, output, seen.value);
            }
            if let Some(reported) = state.reported.get_mut(seen.place) {
                *reported = Some(seen.value);
            }
        }
        if world.is_none() {
            self.settle(state, desired);
        }
        expected
    }

    /// The parts of `reported` that are of the report of this model and of the right kind: the place of each, its name, and what it says.
    pub(crate) fn parts_of<'m>(
        &'m self,
        reported: &'m Map<String, Value>,
    ) -> impl Iterator<Item = (usize, &'m Arc<str>, f64)> {
        let parts = self.report.iter().enumerate();
        parts
            .filter_map(|(place, output)| Some((place, &output.name, self.seen(output, reported)?)))
    }

    /// The name of the part of the report at `place`.
    pub(crate) fn part(&self, place: usize) -> Option<&Arc<str>> {
        self.report.get(place).map(|output| &output.name)
    }
}
