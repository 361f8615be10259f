//! Reading the sections of a model.

use toml::de::{DeTable, DeValue};

use super::model::{
    Draft, InputDraft, OutputDraft, StateDraft, TelemetryDraft, TransitionDraft, VariableDraft,
};
use super::reader::{Key, Reader, Value, name};
use crate::limits;
use crate::problem::{Placed, Report};

impl Draft {
    /// Reads a file; nothing where something is wrong with its form, which `report` then tells.
    pub(crate) fn read(text: &str, report: &mut Report<'_>) -> Option<Self> {
        if text.len() > limits::FILE {
            report.whole(format!("the file has more than {} bytes", limits::FILE));
            return None;
        }
        let document = DeTable::parse(text)
            .map_err(|error| {
                let text = error.message().trim().replace('\n', " ");
                match error.span() {
                    Some(span) => report.at(span.start, text, None),
                    None => report.whole(text),
                }
            })
            .ok()?;
        let draft = Reader { report }.model(document.get_ref());
        draft.filter(|_| report.is_clean())
    }
}

impl Reader<'_, '_> {
    fn model(&mut self, table: &DeTable<'_>) -> Option<Draft> {
        const KEYS: [&str; 8] = [
            "kind",
            "every",
            "parameters",
            "inputs",
            "variables",
            "states",
            "report",
            "telemetry",
        ];
        let (mut kind, mut every) = (None, None);
        let (mut parameters, mut inputs, mut variables) = (Vec::new(), Vec::new(), Vec::new());
        let (mut states, mut outputs, mut telemetry) = (Vec::new(), Vec::new(), None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "kind" => kind = self.text(key, value),
                "every" => every = self.text(key, value),
                "parameters" => parameters = self.section(key, value, Self::parameter),
                "inputs" => inputs = self.section(key, value, Self::input),
                "variables" => variables = self.section(key, value, Self::variable),
                "states" => states = self.section(key, value, Self::state),
                "report" => outputs = self.section(key, value, Self::reported),
                "telemetry" => telemetry = self.telemetry(key, value),
                _ => self.unknown("a model", key, &KEYS),
            }
        }
        for needed in ["kind", "every"] {
            if !table.contains_key(needed) {
                self.report.whole(format!("`{needed}` is missing"));
            }
        }
        if !table.contains_key("report") && !table.contains_key("telemetry") {
            self.report
                .whole("the model tells nothing: `report` or `telemetry` is missing");
        }
        Some(Draft {
            kind: kind?,
            every: every?,
            parameters,
            inputs,
            variables,
            states,
            report: outputs,
            telemetry,
        })
    }

    fn section<T>(
        &mut self,
        key: &Key<'_>,
        value: &Value<'_>,
        read: fn(&mut Self, &Key<'_>, &Value<'_>) -> Option<T>,
    ) -> Vec<T> {
        let entries = self.entries(key, value).into_iter();
        entries
            .filter_map(|(name, value)| read(self, name, value))
            .collect()
    }

    fn parameter(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<(Placed, Placed)> {
        Some((name(key), self.formula(key, value)?))
    }

    fn input(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<InputDraft> {
        let table = self.table(key, value, "a table with `default`")?;
        let (mut from, mut default, mut min, mut max) = (None, None, None, None);
        for (part, value) in table {
            match part.get_ref().as_ref() {
                "from" => from = self.text(part, value),
                "default" => default = self.formula(part, value),
                "min" => min = self.formula(part, value),
                "max" => max = self.formula(part, value),
                _ => self.unknown("an input", part, &["from", "default", "min", "max"]),
            }
        }
        if !table.contains_key("default") {
            self.missing(&name(key), "default");
        }
        Some(InputDraft {
            name: name(key),
            from,
            default: default?,
            min,
            max,
        })
    }

    fn variable(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<VariableDraft> {
        let table = self.table(key, value, "a table with `start`")?;
        let (mut start, mut next, mut min, mut max) = (None, None, None, None);
        for (part, value) in table {
            match part.get_ref().as_ref() {
                "start" => start = self.formula(part, value),
                "next" => next = self.formula(part, value),
                "min" => min = self.formula(part, value),
                "max" => max = self.formula(part, value),
                _ => self.unknown("a variable", part, &["start", "next", "min", "max"]),
            }
        }
        if !table.contains_key("start") {
            self.missing(&name(key), "start");
        }
        Some(VariableDraft {
            name: name(key),
            start: start?,
            next,
            min,
            max,
        })
    }

    fn state(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<StateDraft> {
        let table = self.table(key, value, "a table with `transitions`")?;
        let mut transitions = Vec::new();
        for (part, value) in table {
            match (part.get_ref().as_ref(), value.get_ref()) {
                ("transitions", DeValue::Array(all)) => {
                    self.few(part, all.len());
                    let all = all.iter();
                    transitions = all.filter_map(|one| self.transition(part, one)).collect();
                }
                ("transitions", _) => self.wrong(part, value, "an array of tables"),
                _ => self.unknown("a state", part, &["transitions"]),
            }
        }
        Some(StateDraft {
            name: name(key),
            transitions,
        })
    }

    fn transition(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<TransitionDraft> {
        let table = self.table(key, value, "an array of tables with `when` and `to`")?;
        let (mut when, mut to) = (None, None);
        for (part, value) in table {
            match part.get_ref().as_ref() {
                "when" => when = self.formula(part, value),
                "to" => to = self.text(part, value),
                _ => self.unknown("a transition", part, &["when", "to"]),
            }
        }
        for needed in ["when", "to"] {
            if !table.contains_key(needed) {
                let text = format!("`{needed}` is missing in a transition");
                self.report.at(value.span().start, text, None);
            }
        }
        Some(TransitionDraft {
            when: when?,
            to: to?,
        })
    }

    fn reported(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<OutputDraft> {
        let DeValue::Table(table) = value.get_ref() else {
            return self.field(key, value);
        };
        let (mut formula, mut change) = (None, None);
        for (part, value) in table {
            match part.get_ref().as_ref() {
                "value" => formula = self.formula(part, value),
                "change" => change = self.formula(part, value),
                _ => self.unknown("a part of the report", part, &["value", "change"]),
            }
        }
        if !table.contains_key("value") {
            self.missing(&name(key), "value");
        }
        Some(OutputDraft {
            name: name(key),
            value: formula?,
            change,
        })
    }

    fn field(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<OutputDraft> {
        Some(OutputDraft {
            name: name(key),
            value: self.formula(key, value)?,
            change: None,
        })
    }

    fn telemetry(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<TelemetryDraft> {
        let table = self.table(key, value, "a table with `topic` and `fields`")?;
        let (mut topic, mut when, mut fields) = (None, None, Vec::new());
        for (part, value) in table {
            match part.get_ref().as_ref() {
                "topic" => topic = self.text(part, value),
                "when" => when = self.formula(part, value),
                "fields" => fields = self.section(part, value, Self::field),
                _ => self.unknown("telemetry", part, &["topic", "when", "fields"]),
            }
        }
        for needed in ["topic", "fields"] {
            if !table.contains_key(needed) {
                self.missing(&name(key), needed);
            }
        }
        Some(TelemetryDraft {
            topic: topic?,
            when,
            fields,
        })
    }
}
