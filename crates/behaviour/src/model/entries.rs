//! The entries of each section.

use std::sync::Arc;
use std::time::Duration;

use super::compiler::Compiler;
use super::parts::{Input, Output, Place, Telemetry, Tells, Variable};
use super::topic::Template;
use crate::draft::{InputDraft, OutputDraft, StateDraft, TelemetryDraft, VariableDraft};
use crate::expression::{Compiled, Kind, Reach};
use crate::limits;
use crate::problem::{Fault, Placed, did_you_mean};
use crate::program::{Operation, Program};

impl Compiler<'_, '_> {
    pub(super) fn input(&mut self, draft: &InputDraft) -> Option<Input> {
        let (default, kind) = self.constant(&draft.default, None)?;
        let bounds = self.bounds(kind, draft.min.as_ref(), draft.max.as_ref());
        let path = draft.from.as_ref().unwrap_or(&draft.name);
        let steps: Vec<String> = path.text.split('.').map(Into::into).collect();
        if steps.iter().any(String::is_empty) {
            let text = "a path is the names of members with `.` between them";
            self.report.within(path, Fault::new(0, text));
        }
        if self.is_new(&draft.name) {
            self.names.inputs.push((draft.name.text.clone(), kind));
        }
        let bounds = bounds?;
        Some(Input {
            path: steps,
            kind,
            default: bounds.hold(default),
            bounds,
        })
    }

    pub(super) fn start(&mut self, draft: &VariableDraft) -> Option<Compiled> {
        let start = self.compile(&draft.start, Reach::Start);
        // A name whose start is wrong is known all the same, so that one fault is not told twice.
        let kind = start.as_ref().map_or(Kind::Number, |start| start.kind);
        if self.is_new(&draft.name) {
            self.names.variables.push((draft.name.text.clone(), kind));
        }
        start
    }

    pub(super) fn variable(&mut self, draft: &VariableDraft, start: Compiled) -> Option<Variable> {
        let kind = start.kind;
        let next = draft.next.as_ref().map(|next| self.program(next, kind));
        let bounds = self.bounds(kind, draft.min.as_ref(), draft.max.as_ref());
        Some(Variable {
            name: draft.name.text.as_str().into(),
            kind,
            start: start.program,
            next: match next {
                Some(next) => Some(next?),
                None => None,
            },
            bounds: bounds?,
        })
    }

    pub(super) fn place(&mut self, draft: &StateDraft) -> Option<Place> {
        let mut transitions = Vec::new();
        for transition in &draft.transitions {
            let when = self.program(&transition.when, Kind::Boolean);
            let to = &transition.to;
            let mut states = self.names.states.iter();
            let Some(number) = states.position(|state| *state == to.text) else {
                let fault = Fault::new(0, format!("there is no state '{}'", to.text));
                let hint = did_you_mean(&to.text, self.names.states.iter().map(String::as_str));
                self.report.within(to, Fault { hint, ..fault });
                continue;
            };
            if to.text == draft.name.text {
                let fault = Fault::new(0, "a transition leads to another state");
                self.report.within(to, fault);
            }
            transitions.extend(when.map(|when| (when, number)));
        }
        Some(Place {
            name: Arc::from(draft.name.text.as_str()),
            transitions,
        })
    }

    pub(super) fn output(&mut self, draft: &OutputDraft) -> Option<Output> {
        self.check_field(&draft.name);
        let compiled = self.compile(&draft.value, Reach::Step)?;
        let change = match &draft.change {
            Some(change) => {
                self.must_be(change, compiled.kind, Kind::Number)?;
                self.constant(change, Some(Kind::Number))?.0
            }
            None => 0.0,
        };
        Some(Output {
            name: draft.name.text.as_str().into(),
            kind: compiled.kind,
            tells: tells(&compiled.program),
            program: compiled.program,
            change,
        })
    }

    pub(super) fn telemetry(&mut self, draft: &TelemetryDraft) -> Option<Telemetry> {
        let topic = Template::read(&draft.topic.text);
        let topic = self.tell(&draft.topic, topic);
        let when = draft
            .when
            .as_ref()
            .map(|when| self.program(when, Kind::Boolean));
        let fields: Vec<_> = draft
            .fields
            .iter()
            .map(|field| self.output(field))
            .collect();
        Some(Telemetry {
            topic: topic?,
            when: match when {
                Some(when) => Some(when?),
                None => None,
            },
            fields: fields.into_iter().collect::<Option<_>>()?,
        })
    }

    pub(super) fn every(&mut self, text: &Placed) -> Option<Duration> {
        let digits = text.text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.text.split_at_checked(digits)?;
        let factor = match unit.trim() {
            "ms" => Some(1),
            "s" => Some(1_000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            _ => None,
        };
        let millis = number.parse::<u64>().ok().zip(factor);
        let millis = millis.and_then(|(number, factor)| number.checked_mul(factor));
        let fault = || Fault::new(0, "`every` is 10ms to 24h").hint("such as 500ms, 5s, 1m, 1h");
        let millis = millis.filter(|millis| limits::EVERY.contains(millis));
        self.tell(text, millis.ok_or_else(fault))
            .map(Duration::from_millis)
    }
}

/// What is known of a device that reports what `program` gives.
fn tells(program: &Program) -> Option<Tells> {
    match program.operations() {
        [Operation::Variable(place)] | [Operation::Variable(place), Operation::Round(_)] => {
            Some(Tells::Variable((*place).into()))
        }
        [Operation::Input(place)] | [Operation::Input(place), Operation::Round(_)] => {
            Some(Tells::Input((*place).into()))
        }
        [Operation::State] => Some(Tells::State),
        _ => None,
    }
}
