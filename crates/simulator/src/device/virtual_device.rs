//! The device.

use std::sync::Arc;

use serde_json::{Map, Number, Value, json};
use trunkline_behaviour::{Model, State};
use trunkline_model::Timestamp;

use super::command::{self, Command};
use super::message::Message;
use super::told::Told;
use super::topics::{Heard, Topics};
use super::work::Work;
use crate::fault::{Attack, FaultKind};
use crate::{path, plan::Plan};

/// What all devices of a plan have in common.
#[derive(Debug)]
pub(crate) struct Habits {
    model: Model,
    inputs: Vec<String>,
    every: f64,
    seed: u64,
    resume: bool,
    job_steps: u32,
    failing: f64,
}

impl Habits {
    pub(crate) fn of(plan: &Plan) -> Self {
        Self {
            inputs: plan.model.inputs().collect(),
            every: plan.model.every().as_secs_f64(),
            model: plan.model.clone(),
            seed: plan.seed,
            resume: plan.resume,
            job_steps: plan.job_steps,
            failing: plan.failing,
        }
    }
}

/// What came of a step or of a message: what is to be sent, and what is to be counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) messages: Vec<Message>,
    /// Why the platform refused something.
    pub(crate) refused: Option<String>,
    pub(crate) wanted: bool,
    pub(crate) command: bool,
    /// A job that ended, and whether it succeeded.
    pub(crate) job: Option<bool>,
}

/// A virtual device between two steps.
#[derive(Debug)]
pub(crate) struct Device {
    habits: Arc<Habits>,
    state: State,
    topics: Topics,
    telemetry: Option<String>,
    wanted: Map<String, Value>,
    told: Told,
    work: Work,
    attacks: Vec<Attack>,
    /// Whether what the twin reported before is still to be taken over.
    resume: bool,
}

impl Device {
    pub(crate) fn new(habits: Arc<Habits>, thing: &str, attacks: Vec<Attack>) -> Self {
        Self {
            state: habits.model.start(thing, habits.seed),
            topics: Topics::new(thing),
            telemetry: habits.model.topic(thing),
            wanted: Map::new(),
            told: Told::default(),
            work: Work::new(habits.job_steps, habits.failing),
            attacks,
            resume: habits.resume,
            habits,
        }
    }

    pub(crate) fn thing(&self) -> &str {
        self.state.thing()
    }

    /// What it listens to.
    pub(crate) fn filters(&self) -> Vec<String> {
        self.topics.filters()
    }

    /// Whether it has broken off its connection for now.
    pub(crate) fn is_silent(&self) -> bool {
        let seconds = self.state.seconds();
        let mut attacks = self.attacks.iter();
        attacks.any(|one| one.kind == FaultKind::Silent && one.since(seconds).is_some())
    }

    /// What it says when a connection is new, after it has subscribed: it asks for its twin and its next job, and tells all that it told
    /// before, since nobody knows what of it arrived.
    pub(crate) fn connected(&mut self) -> Vec<Message> {
        self.told.forget_answers();
        let mut messages = vec![Message::empty(self.topics.get())];
        if !self.told.reported().is_empty() {
            messages.push(self.report(self.told.reported()));
        }
        messages.push(Message::new(self.topics.next_job(), &json!({})));
        messages
    }

    /// Something that it said was not sent: the next step tells everything.
    pub(crate) fn lost(&mut self) {
        self.told.owe_all();
    }

    fn report(&self, reported: &Map<String, Value>) -> Message {
        let body = json!({"state": {"reported": reported}});
        Message::new(self.topics.update(), &body)
    }

    /// Makes a step.
    pub(crate) fn step(&mut self) -> Said {
        let Habits {
            model, every, seed, ..
        } = &*self.habits;
        let seconds = self.state.seconds() + every;
        let stuck = self.stuck(seconds);
        let wanted = stuck.as_ref().unwrap_or(&self.wanted);
        let step = model.step(&mut self.state, wanted, *every);
        let mut said = Said::default();
        let mut changed = step.reported.unwrap_or_default();
        self.drift(&mut changed, seconds);
        let ended = self.work.step(&self.topics, *seed, self.state.thing());
        if let Some(ended) = ended {
            said.job = Some(ended.succeeded);
            said.messages.push(ended.message);
            changed.extend(ended.firmware.map(|version| ("firmware".into(), version)));
        }
        if let Some(report) = self.told.next(changed, &self.wanted) {
            said.messages.push(self.report(&report));
        }
        if let (Some(topic), Some(mut measured)) = (&self.telemetry, step.telemetry) {
            if let Value::Object(fields) = &mut measured {
                self.drift(fields, seconds);
            }
            said.messages.push(Message::new(topic.as_str(), &measured));
        }
        said
    }

    /// What it takes for wanted, where something is stuck.
    fn stuck(&self, seconds: f64) -> Option<Map<String, Value>> {
        let mut taken = None;
        for attack in &self.attacks {
            if let FaultKind::Stuck { input, value } = &attack.kind
                && attack.since(seconds).is_some()
            {
                let members = taken.get_or_insert_with(|| self.wanted.clone());
                path::write(members, input, value.clone());
            }
        }
        taken
    }

    /// Puts sensors that drift off.
    fn drift(&self, members: &mut Map<String, Value>, seconds: f64) {
        for attack in &self.attacks {
            if let FaultKind::Drift { field, per_hour } = &attack.kind
                && let Some(since) = attack.since(seconds)
                && let Some(value) = members.get_mut(field)
                && let Some(right) = value.as_f64()
            {
                let wrong = right + per_hour * since / 3_600.0;
                let wrong = (wrong * 1_000.0).round() / 1_000.0;
                if let Some(wrong) = Number::from_f64(wrong) {
                    *value = Value::Number(wrong);
                }
            }
        }
    }

    /// Takes a message from the broker.
    pub(crate) fn hear(&mut self, topic: &str, payload: &[u8], now: Timestamp) -> Said {
        let mut said = Said::default();
        let document = || serde_json::from_slice::<Value>(payload).unwrap_or_default();
        match self.topics.read(topic) {
            None => {}
            Some(Heard::Refused) => {
                let document = document();
                let why = document["message"].as_str().unwrap_or("no reason is given");
                said.refused = Some(format!("a report was refused: {why}"));
            }
            Some(Heard::Delta) => said.wanted = self.want(document().get("state")),
            Some(Heard::Twin) => said.wanted = self.take_twin(&document()["state"]),
            Some(Heard::Job) => said
                .messages
                .extend(self.work.hear(&self.topics, &document())),
            Some(Heard::Command { name, id }) => {
                let answer = self.obey(name, payload, now);
                let topic = self.topics.answer(name, id);
                said.messages.push(Message::new(topic, &answer));
                said.command = true;
            }
        }
        said
    }

    /// Takes what is wanted and not yet so; whether there is such a thing.
    fn want(&mut self, delta: Option<&Value>) -> bool {
        let Some(delta) = delta.and_then(Value::as_object) else {
            return false;
        };
        path::unite(&mut self.wanted, delta);
        self.told.owe(delta);
        !delta.is_empty()
    }

    fn take_twin(&mut self, state: &Value) -> bool {
        if std::mem::take(&mut self.resume)
            && let Some(reported) = state["reported"].as_object()
        {
            self.habits.model.observe(&mut self.state, reported);
        }
        if let Some(desired) = state["desired"].as_object() {
            self.wanted.clone_from(desired);
        }
        self.want(state.get("delta"))
    }

    fn obey(&mut self, name: &str, payload: &[u8], now: Timestamp) -> Value {
        match Command::read(name, payload, &self.habits.inputs) {
            Ok(Command::State) => command::done(self.portrait(now)),
            Ok(Command::Set(members)) => {
                path::unite(&mut self.wanted, &members);
                command::done(json!({"wanted": self.wanted}))
            }
            Err(reason) => command::refused(&reason),
        }
    }

    /// How it is, for who asks.
    fn portrait(&self, now: Timestamp) -> Value {
        let model = &self.habits.model;
        let variables = model.variables().filter_map(|name| {
            let value = Number::from_f64(self.state.variable(name)?)?;
            Some((name.to_owned(), Value::Number(value)))
        });
        json!({
            "time": now.to_string(),
            "kind": model.kind(),
            "state": self.state.state(),
            "steps": self.state.steps(),
            "seconds": self.state.seconds(),
            "variables": variables.collect::<Map<_, _>>(),
            "wanted": self.wanted,
            "reported": self.told.reported(),
        })
    }
}
