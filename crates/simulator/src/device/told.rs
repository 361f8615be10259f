//! What a device has told its twin, and what it still owes it.

use serde_json::{Map, Value};

/// The report of a device.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// What was reported last.
    reported: Map<String, Value>,
    /// Members that the next report has in any case.
    owed: Vec<String>,
    /// What was wanted when a member was last told for that reason, so that a device that cannot do it does not say so at each step.
    answered: Map<String, Value>,
}

impl Told {
    pub(super) const fn reported(&self) -> &Map<String, Value> {
        &self.reported
    }

    /// Something is wanted that is not so. What the model reports is told with the next step; what it does not know is taken as it is.
    pub(super) fn owe(&mut self, delta: &Map<String, Value>) {
        for (name, wanted) in delta {
            if self.answered.get(name) == Some(wanted) {
                continue;
            }
            self.answered.insert(name.clone(), wanted.clone());
            if !self.owed.contains(name) {
                self.owed.push(name.clone());
            }
        }
    }

    /// The next report, if there is something to tell: what has changed, and what is owed.
    pub(super) fn next(
        &mut self,
        changed: Map<String, Value>,
        wanted: &Map<String, Value>,
    ) -> Option<Map<String, Value>> {
        let mut report = changed;
        for name in std::mem::take(&mut self.owed) {
            if report.contains_key(&name) {
                continue;
            }
            let value = self.reported.get(&name).or_else(|| wanted.get(&name));
            if let Some(value) = value {
                report.insert(name, value.clone());
            }
        }
        for (name, value) in &report {
            self.reported.insert(name.clone(), value.clone());
        }
        (!report.is_empty()).then_some(report)
    }

    /// The next report has everything.
    pub(super) fn owe_all(&mut self) {
        self.owed = self.reported.keys().cloned().collect();
    }

    /// Nobody knows whether what was told arrived: everything is to be told again.
    pub(super) fn forget_answers(&mut self) {
        self.answered.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_wanted_is_told_once() {
        let mut told = Told::default();
        let nothing = Map::new();
        let wanted = object(json!({"speed": 9000, "note": "hello"}));
        assert_eq!(told.next(nothing.clone(), &wanted), None);
        assert!(
            told.next(object(json!({"speed": 1500})), &nothing)
                .is_some()
        );
        told.owe(&wanted);
        // The model does not go beyond its bound, and knows no notes.
        let report = told.next(object(json!({"speed": 3000})), &wanted);
        assert_eq!(
            report,
            Some(object(json!({"speed": 3000, "note": "hello"})))
        );
        told.owe(&object(json!({"speed": 9000})));
        assert_eq!(told.next(nothing.clone(), &wanted), None);
        told.owe(&object(json!({"speed": 9001})));
        assert_eq!(
            told.next(nothing.clone(), &wanted),
            Some(object(json!({"speed": 3000})))
        );
        told.forget_answers();
        told.owe(&object(json!({"speed": 9001})));
        assert!(told.next(nothing, &wanted).is_some());
    }
}
