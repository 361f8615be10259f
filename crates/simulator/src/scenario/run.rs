//! Running the copy ahead.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::copy::{Copy, Kind};
use super::outcome::{Crossing, Ending, Outcome, Progress, Row, Traffic};
use super::problem::ScenarioError;
use super::statistics::Statistics;
use super::what_if::Scenario;

/// After how many steps it is told how far it is.
const TOLD: u64 = 20_000;

impl Scenario {
    /// Runs the copy ahead. It takes the processor for up to some minutes, so it belongs on a thread where that disturbs nobody.
    ///
    /// `progress` is told now and then how far it is, and may stop it.
    ///
    /// # Errors
    /// [`ScenarioError`] where the scenario is too large or makes no sense, and where it was stopped.
    pub fn run(
        self,
        mut progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Outcome, ScenarioError> {
        let mut copy = Copy::of(self)?;
        let (line, total) = (copy.line, copy.total);
        let (mut done, mut told, mut rows) = (0, 0, Vec::new());
        let mut tell = |done| match progress(Progress { done, total }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ScenarioError::Stopped),
        };
        for bucket in 0..line.buckets() {
            for kind in &mut copy.kinds {
                let begun = line.steps_until(bucket, kind.every, kind.steps);
                let steps = line.steps_until(bucket + 1, kind.every, kind.steps) - begun;
                for number in 0..kind.things.len() {
                    kind.advance(number, steps);
                    done += steps;
                    if done - told >= TOLD {
                        told = done;
                        tell(done)?;
                    }
                }
                let time = bucket as f64 * line.bucket as f64 / 1_000.0;
                kind.sum_up(time, &mut rows);
            }
        }
        tell(done)?;
        Ok(copy.outcome(rows))
    }
}

impl Kind {
    /// Makes so many steps of the thing with this number.
    fn advance(&mut self, number: usize, steps: u64) {
        let Self {
            model,
            things,
            fields,
            crossings,
            ..
        } = self;
        let Some(thing) = things.get_mut(number) else {
            return;
        };
        let seconds = self.every as f64 / 1_000.0;
        for _ in 0..steps {
            let step = model.step(&mut thing.state, &thing.desired, seconds);
            if let Some(crossed) = step.transition {
                let (count, who) = crossings.entry((crossed.from, crossed.to)).or_default();
                *count += 1;
                who.insert(number);
            }
            if let Some(reported) = &step.reported {
                self.messages += 1;
                let wrapping = r#"{"state":{"reported":}}"#.len();
                self.bytes += packet(thing.topics.1, wrapping + size(reported));
            }
            if let Some(measured) = &step.telemetry {
                self.messages += 1;
                self.bytes += packet(thing.topics.0, size(measured));
                note(fields, measured);
            }
            if !self.has_telemetry {
                for (name, statistics) in &mut *fields {
                    let value = thing.state.variable(name);
                    value.into_iter().for_each(|value| statistics.add(value));
                }
            }
        }
    }

    /// Makes rows of what was seen in the bucket that began at `time`.
    fn sum_up(&mut self, time: f64, rows: &mut Vec<Row>) {
        for (field, statistics) in &mut self.fields {
            let seen = std::mem::take(statistics);
            if seen.count > 0 {
                rows.push(Row {
                    time,
                    kind: Arc::clone(&self.name),
                    field: Arc::clone(field),
                    count: seen.count,
                    min: seen.min,
                    mean: seen.mean(),
                    p95: seen.p95(),
                    max: seen.max,
                });
            }
        }
    }

    fn transitions(&self) -> Vec<Crossing> {
        let crossings = self.crossings.iter();
        let crossings = crossings.map(|((from, to), (count, things))| Crossing {
            kind: Arc::clone(&self.name),
            from: Arc::clone(from),
            to: Arc::clone(to),
            count: *count,
            things: things.len() as u64,
        });
        let mut all: Vec<_> = crossings.collect();
        all.sort_by(|one, other| (&one.from, &one.to).cmp(&(&other.from, &other.to)));
        all
    }

    /// How many things are in each state, those in which nobody is too.
    fn ends(&self) -> Vec<Ending> {
        let states = self.model.states();
        let ends = states.map(|state| {
            let in_it = |thing: &&super::copy::Thing| thing.state.state() == Some(state);
            Ending {
                kind: Arc::clone(&self.name),
                state: state.into(),
                things: self.things.iter().filter(in_it).count() as u64,
            }
        });
        ends.collect()
    }

    fn traffic(&self) -> Traffic {
        let things = self.things.len() as u64;
        Traffic {
            kind: Arc::clone(&self.name),
            things,
            steps: things * self.steps,
            messages: self.messages,
            bytes: self.bytes,
        }
    }
}

impl Copy {
    fn outcome(self, rows: Vec<Row>) -> Outcome {
        let kinds = &self.kinds;
        Outcome {
            seconds: self.line.end as f64 / 1_000.0,
            bucket_seconds: self.line.bucket as f64 / 1_000.0,
            left_out: self.left_out,
            rows,
            transitions: kinds.iter().flat_map(Kind::transitions).collect(),
            ends: kinds.iter().flat_map(Kind::ends).collect(),
            traffic: kinds.iter().map(Kind::traffic).collect(),
        }
    }
}

/// Notes the numbers and truth values of a message. Its members have the order of the fields, some of which may be missing.
fn note(fields: &mut [(Arc<str>, Statistics)], measured: &Value) {
    let mut fields = fields.iter_mut();
    for (name, value) in measured.as_object().into_iter().flatten() {
        let Some((_, statistics)) = fields.find(|(field, _)| **field == **name) else {
            return;
        };
        let number = value.as_f64();
        let truth = || value.as_bool().map(|truth| f64::from(u8::from(truth)));
        number
            .or_else(truth)
            .into_iter()
            .for_each(|value| statistics.add(value));
    }
}

/// Bytes of a packet of MQTT 5: its head, the topic with its length, a number, no properties, and the payload.
const fn packet(topic: usize, payload: usize) -> u64 {
    let rest = 2 + topic + 2 + 1 + payload;
    let length = match rest {
        0..128 => 1,
        128..16_384 => 2,
        16_384..2_097_152 => 3,
        _ => 4,
    };
    (1 + length + rest) as u64
}

/// Bytes of a document as JSON.
fn size(document: &impl Serialize) -> usize {
    let mut count = Count(0);
    // Counting does not fail, and what a model makes is JSON.
    drop(serde_json::to_writer(&mut count, document));
    count.0
}

struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
