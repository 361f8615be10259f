//! Values of JSON that go out.

use serde_json::{Map, Number, Value};

use super::parts::{Model, Output};
use crate::expression::Kind;
use crate::program::World;
use crate::state::State;

/// Up to here every whole number is a float.
const WHOLE: f64 = 9_007_199_254_740_992.0;

impl Model {
    /// What is reckoned with, as it is told.
    pub(super) fn shown(&self, value: f64, kind: Kind) -> Option<Value> {
        match kind {
            Kind::Boolean => Some(Value::Bool(value != 0.0)),
            Kind::State => {
                let state = self.states.get(value as usize)?;
                Some(Value::String(state.name.to_string()))
            }
            Kind::Number if value.fract() == 0.0 && value.abs() < WHOLE => {
                Some(Value::Number((value as i64).into()))
            }
            Kind::Number => Number::from_f64(value).map(Value::Number),
        }
    }

    /// All of `outputs` that have a value.
    pub(super) fn tell(&self, outputs: &[Output], world: &World) -> Map<String, Value> {
        let told = outputs.iter().filter_map(|output| {
            let value = output.program.run(world)?;
            Some((output.name.to_string(), self.shown(value, output.kind)?))
        });
        told.collect()
    }

    /// What of the report is unlike what was reported last, which is kept in mind; nothing where all is alike.
    pub(super) fn report_changed(
        &self,
        state: &mut State,
        world: &World,
    ) -> Option<Map<String, Value>> {
        let mut changed = Map::new();
        state.reported.resize(self.report.len(), None);
        for (output, last) in self.report.iter().zip(&mut state.reported) {
            let Some(value) = output.program.run(world) else {
                continue;
            };
            if last.is_some_and(|last| !output.has_changed(last, value)) {
                continue;
            }
            if let Some(shown) = self.shown(value, output.kind) {
                changed.insert(output.name.to_string(), shown);
                *last = Some(value);
            }
        }
        (!changed.is_empty()).then_some(changed)
    }

    /// What the telemetry says, where there is something to say.
    pub(super) fn publish(&self, world: &World) -> Option<Value> {
        let telemetry = self.telemetry.as_ref()?;
        let wanted = telemetry.when.as_ref().is_none_or(|when| when.holds(world));
        let fields = wanted.then(|| self.tell(&telemetry.fields, world))?;
        (!fields.is_empty()).then_some(Value::Object(fields))
    }
}

impl Output {
    fn has_changed(&self, last: f64, value: f64) -> bool {
        let by = (value - last).abs();
        by > 0.0 && by >= self.change
    }
}
