//! A release on its way.

use serde::{Deserialize, Serialize};

use crate::{DeploymentId, Finding, Plan, ReleaseId, Sight, Sights, State, Step};

/// What a deployment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A new release.
    Release,
    /// Back to an earlier one.
    Rollback,
    /// Again to one that was left.
    Promotion,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Rollback => "rollback",
            Self::Promotion => "promotion",
        }
    }
}

/// A release on its way, or how it went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// It.
    pub id: DeploymentId,
    /// What it is for.
    pub kind: Kind,
    /// The release.
    pub release: ReleaseId,
    /// The release that served when it began.
    pub previous: Option<ReleaseId>,
    /// How it is to go.
    pub plan: Plan,
    /// How far it is.
    pub state: State,
    /// The step of the canary, from 0; behind the last one it bakes.
    pub step: usize,
    /// Milliseconds that it has been in this state and step.
    pub spent: u64,
    /// Why it is in this state.
    pub reason: String,
    /// Who wanted it.
    pub by: String,
    /// Where it goes on once nobody holds it.
    pub(crate) held_in: Option<State>,
    /// What the judge found the last time.
    #[serde(skip)]
    pub finding: Option<Finding>,
}

impl Deployment {
    /// One that waits.
    #[must_use]
    pub const fn new(
        id: DeploymentId,
        kind: Kind,
        release: ReleaseId,
        plan: Plan,
        by: String,
    ) -> Self {
        Self {
            id,
            kind,
            release,
            previous: None,
            plan,
            state: State::Queued,
            step: 0,
            spent: 0,
            reason: String::new(),
            by,
            held_in: None,
            finding: None,
        }
    }

    /// The step of the canary that it is at.
    #[must_use]
    pub fn current_step(&self) -> Option<Step> {
        self.plan.steps.get(self.step).copied()
    }

    /// The share of the requests that it should get.
    #[must_use]
    pub fn percent(&self) -> u8 {
        let state = match self.state {
            State::Held => self.held_in.unwrap_or(State::Held),
            state => state,
        };
        match state {
            State::Canary => self.current_step().map_or(0, |step| step.percent),
            State::Baking => self.plan.baking(),
            State::Settled => 100,
            _ => 0,
        }
    }

    pub(crate) fn enter(&mut self, state: State, reason: impl Into<String>) {
        self.held_in = (state == State::Held).then_some(self.state);
        self.state = state;
        self.spent = 0;
        self.reason = reason.into();
        if state.is_end() && self.reason.is_empty() {
            self.reason = state.name().to_owned();
        }
    }

    /// Takes it back, where there is something to go back to. Without that it goes on where people left it.
    pub(crate) fn turn_back(&mut self, reason: impl Into<String>) {
        let state = if self.state.has_requests() {
            State::RollingBack
        } else {
            State::Failed
        };
        self.enter(state, reason);
    }

    /// Goes on where it was held.
    pub(crate) fn resume(&mut self, reason: impl Into<String>) {
        let state = self.held_in.unwrap_or(State::Baking);
        self.enter(state, reason);
    }

    /// The next step, or baking, or the end.
    pub(crate) fn advance(&mut self, reason: impl Into<String>) {
        match self.state {
            State::Starting => {
                // Where nothing served before there is nothing to hold it against.
                if self.plan.steps.is_empty() || self.previous.is_none() {
                    self.bake(reason);
                } else {
                    self.enter(State::Canary, reason);
                }
            }
            State::Canary if self.step + 1 < self.plan.steps.len() => {
                self.step += 1;
                self.enter(State::Canary, reason);
            }
            State::Canary => {
                self.step = self.plan.steps.len();
                self.bake(reason);
            }
            _ => self.enter(State::Settled, reason),
        }
    }

    fn bake(&mut self, reason: impl Into<String>) {
        let alone = self.previous.is_none();
        if self.plan.bake == 0 || alone {
            self.enter(State::Settled, reason);
        } else {
            self.enter(State::Baking, reason);
        }
    }

    /// One look at it, `passed` milliseconds after the last one.
    pub(crate) fn look(&mut self, passed: u64, sights: &Sights) {
        self.spent = self.spent.saturating_add(passed);
        if sights.finding.is_some() {
            self.finding.clone_from(&sights.finding);
        }
        match self.state {
            State::Fetching => self.fetch(sights.of(self.release)),
            State::Starting => self.start(sights.of(self.release)),
            State::Canary | State::Baking => self.weigh(sights),
            State::Held => {
                if let Some(reason) = self.fault(sights) {
                    self.turn_back(reason);
                } else if self.spent >= Plan::held() {
                    self.turn_back("nobody decided in time");
                }
            }
            State::RollingBack if sights.routed || self.spent >= Plan::returning() => {
                let reason = std::mem::take(&mut self.reason);
                self.enter(State::RolledBack, reason);
            }
            _ => {}
        }
    }

    /// Why it goes on: where a person wanted it, what that person said.
    fn because(&self, text: &str) -> String {
        if self.kind == Kind::Release || self.reason.is_empty() {
            text.to_owned()
        } else {
            self.reason.clone()
        }
    }

    fn fetch(&mut self, sight: &Sight) {
        match sight {
            Sight::Here | Sight::Ready => {
                let reason = self.because("its files are here");
                self.enter(State::Starting, reason);
            }
            Sight::Failed(why) => {
                self.enter(State::Failed, format!("its files cannot be brought: {why}"));
            }
            Sight::Absent if self.spent >= Plan::fetching() => {
                self.enter(State::Failed, "its files did not come in time");
            }
            Sight::Absent => {}
        }
        if self.state == State::Starting && *sight == Sight::Ready {
            self.start(sight);
        }
    }

    fn start(&mut self, sight: &Sight) {
        match sight {
            Sight::Ready => {
                let reason = self.because("it is well");
                self.advance(reason);
            }
            Sight::Failed(why) => self.enter(State::Failed, why.clone()),
            _ if self.spent >= self.plan.starting() => {
                let within = self.plan.within / 1_000;
                self.enter(State::Failed, format!("it was not well within {within} s"));
            }
            _ => {}
        }
    }

    /// Why it has to be taken back, where it has to.
    fn fault(&self, sights: &Sights) -> Option<String> {
        if let Sight::Failed(why) = sights.of(self.release) {
            return Some(why.clone());
        }
        let finding = sights.finding.as_ref()?;
        let worse = finding.judgements.iter().find(|(_, one)| one.is_worse());
        worse.map(|(rule, judgement)| {
            format!(
                "it does worse by the rule `{rule}`: {} of {} answers against {} of {}",
                judgement.canary.bad,
                judgement.canary.answers,
                judgement.baseline.bad,
                judgement.baseline.answers,
            )
        })
    }

    fn weigh(&mut self, sights: &Sights) {
        if let Some(reason) = self.fault(sights) {
            return self.turn_back(reason);
        }
        let pause = match self.state {
            State::Canary => self.current_step().map_or(0, |step| step.pause),
            _ => self.plan.bake,
        };
        if self.spent < pause {
            return;
        }
        let answers = sights.finding.as_ref().map(|finding| finding.answers);
        // What nobody could ask about has not answered.
        let seen = answers.unwrap_or(0);
        if seen >= self.plan.answers {
            let reason = if self.plan.answers == 0 {
                "its time is over".to_owned()
            } else {
                format!("{seen} answers, and no worse than before")
            };
            self.advance(reason);
        } else if self.spent >= Plan::patience(pause) {
            let needed = self.plan.answers;
            let reason = match answers {
                Some(seen) => {
                    format!("it gave {seen} answers, and {needed} are needed to judge it")
                }
                None => "the judge could not be asked".to_owned(),
            };
            self.enter(State::Held, reason);
        }
    }
}
