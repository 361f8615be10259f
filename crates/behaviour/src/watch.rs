//! What a real device reported, beside what was expected of it.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::model::{Model, Seen};
use crate::state::State;

/// A twin as it is.
#[derive(Clone, Copy, Debug)]
pub struct Twin<'t> {
    /// What is wanted of the device.
    pub desired: &'t Map<String, Value>,
    /// The same shape with the second of each leaf.
    pub desired_times: &'t Map<String, Value>,
    /// What the device says of itself.
    pub reported: &'t Map<String, Value>,
    /// The same shape with the second of each leaf.
    pub reported_times: &'t Map<String, Value>,
    /// The second since 1970 in which it changed last.
    pub second: i64,
}

/// A part of a report beside what was expected of it. Truth values are 1 and 0, and a state is its place among the states of the model,
/// counted from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    /// The part's name.
    pub field: Arc<str>,
    /// What the device said.
    pub reported: f64,
    /// What the model would have said.
    pub expected: f64,
    /// The second since 1970 of the report before, from which the model went on.
    pub since: i64,
    /// The second since 1970 of this report.
    pub changed: i64,
}

/// Follows the twin of one device, with its model beside it.
#[derive(Clone, Debug)]
pub struct Watch {
    model: Arc<Model>,
    state: State,
    desired: Map<String, Value>,
    /// The second in which the model stands.
    now: i64,
    /// The second of the last report.
    reported: i64,
    /// By their places in the model's report.
    residuals: Vec<Option<Residual>>,
}

impl Watch {
    /// Begins with a device as it is. Nothing was expected of it yet.
    #[must_use]
    pub fn begin(model: Arc<Model>, thing: &str, twin: &Twin<'_>) -> Self {
        let parts = model.parts_of(twin.reported);
        let times = parts.filter_map(|(_, name, _)| newest(twin.reported_times.get(&**name)?));
        let now = times.max().unwrap_or(twin.second);
        Self {
            state: model.meet(thing, twin.desired, twin.reported),
            desired: twin.desired.clone(),
            now,
            reported: now,
            residuals: Vec::new(),
            model,
        }
    }

    /// The model that it began with.
    #[must_use]
    pub const fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The last residual of each part of the report that has one, in the order of the model's report.
    pub fn residuals(&self) -> impl Iterator<Item = &Residual> {
        self.residuals.iter().flatten()
    }

    /// Looks at the twin again; whether residuals are others now. Several reports since the last time are told apart by the seconds of their
    /// parts. The same twin twice is as good as once.
    pub fn see(&mut self, twin: &Twin<'_>) -> bool {
        let mut changed = self.forget_missing(twin.reported);
        let mut wanted = (*twin.desired != self.desired).then(|| {
            let times = twin.desired_times.values();
            times.filter_map(newest).max().unwrap_or(twin.second)
        });
        let mut seen = self.unseen(twin);
        seen.sort_by_key(|seen| seen.at);
        for report in seen.chunk_by(|one, other| one.at == other.at) {
            let Some(at) = report.first().map(|first| first.at) else {
                continue;
            };
            if let Some(second) = wanted.take_if(|second| *second <= at) {
                self.want(twin.desired, second);
            }
            self.take(report, at);
            changed = true;
        }
        if let Some(second) = wanted {
            self.want(twin.desired, second);
        }
        changed
    }

    /// Parts that were not yet seen as they are.
    fn unseen(&self, twin: &Twin<'_>) -> Vec<Seen> {
        let parts = self.model.parts_of(twin.reported);
        let parts = parts.filter_map(|(place, name, value)| {
            let at = twin.reported_times.get(&**name).and_then(newest);
            let at = at.unwrap_or(twin.second);
            let before = self.state.reported.get(place).copied().flatten();
            let is_new = at > self.reported || before != Some(value);
            is_new.then_some(Seen {
                place,
                value,
                at: at.max(self.reported),
            })
        });
        parts.collect()
    }

    /// What is not in the twin any more, or of another kind now, is as if it had never been reported.
    fn forget_missing(&mut self, reported: &Map<String, Value>) -> bool {
        let there: Vec<usize> = self
            .model
            .parts_of(reported)
            .map(|(place, ..)| place)
            .collect();
        let mut changed = false;
        for (place, known) in self.state.reported.iter_mut().enumerate() {
            if known.is_some() && !there.contains(&place) {
                *known = None;
                let residual = self.residuals.get_mut(place).and_then(Option::take);
                changed |= residual.is_some();
            }
        }
        changed
    }

    /// Something else is wanted of the device since `second`.
    fn want(&mut self, desired: &Map<String, Value>, second: i64) {
        let seconds = self.seconds_to(second);
        let passed = self.model.pass(&mut self.state, &self.desired, seconds);
        // What is too far away stays so: the next report has to begin anew.
        if passed.is_some() {
            self.now = self.now.max(second);
        }
        self.desired.clone_from(desired);
    }

    /// Takes over what was reported in the second `at`.
    fn take(&mut self, report: &[Seen], at: i64) {
        let seconds = self.seconds_to(at);
        let expected = self
            .model
            .compare(&mut self.state, &self.desired, seconds, report);
        self.residuals
            .resize_with(self.state.reported.len(), || None);
        for (seen, expected) in report.iter().zip(expected) {
            let residual = expected.zip(self.model.part(seen.place));
            let residual = residual.map(|(expected, field)| Residual {
                field: Arc::clone(field),
                reported: seen.value,
                expected,
                since: self.reported,
                changed: at,
            });
            if let Some(last) = self.residuals.get_mut(seen.place) {
                *last = residual;
            }
        }
        self.now = self.now.max(at);
        self.reported = at;
    }

    /// Negative where the clock went back; then the model stays where it is.
    fn seconds_to(&self, second: i64) -> f64 {
        second.saturating_sub(self.now) as f64
    }
}

/// The newest second in the times of a value.
fn newest(times: &Value) -> Option<i64> {
    match times {
        Value::Object(members) => members.values().filter_map(newest).max(),
        Value::Array(items) => items.iter().filter_map(newest).max(),
        second => second.as_i64(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_of_all_leaves_counts() {
        assert_eq!(newest(&json!(7)), Some(7));
        let deep = json!({"a": 3, "timestamp": 9, "b": [4, {"c": 5}]});
        assert_eq!(newest(&deep), Some(9));
        for nothing in [json!({}), json!([]), json!("7"), json!({"a": "b"})] {
            assert_eq!(newest(&nothing), None);
        }
    }
}
