//! All releases of one service.

use serde::{Deserialize, Serialize};

use crate::{Deployment, DeploymentId, Kind, Mode, Plan, ReleaseId, Sight, Sights, State, Wanted};

/// Releases that stay ready to come back, and as many of those that were taken back.
const WARM: usize = 1;

/// A release that is ready to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warm {
    /// It.
    pub release: ReleaseId,
    /// Milliseconds for which it stays so.
    pub left: u64,
    /// It was taken back: one does not go back to it, but it may be promoted again.
    pub taken_back: bool,
}

/// Why something that a person wants cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is pinned; why.
    Pinned(String),
    /// There is nothing to go back to.
    NothingBefore,
    /// The release serves already.
    Serves,
    /// Nothing is on its way.
    NothingOnItsWay,
    /// What is on its way is not in a state for this.
    Is(State),
}

/// All releases of one service: which one serves, which are ready to come back, which one is on its way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The release that serves.
    pub serving: Option<ReleaseId>,
    /// Those that are ready to come back, the one that served last first.
    pub warm: Vec<Warm>,
    /// What is on its way.
    pub active: Option<Deployment>,
    /// What comes after that.
    pub next: Option<Deployment>,
    /// Why no new release is taken, where none is.
    pub pinned: Option<String>,
}

impl Line {
    /// A new release. It waits where another one is on its way, and takes the place of one that waits or has had no request yet. Says which
    /// deployments changed.
    ///
    /// # Errors
    /// [`Refusal`] where the service is pinned, or the release serves.
    pub fn release(&mut self, deployment: Deployment) -> Result<Vec<Deployment>, Refusal> {
        if let Some(why) = &self.pinned {
            return Err(Refusal::Pinned(why.clone()));
        }
        if self.serving == Some(deployment.release) {
            return Err(Refusal::Serves);
        }
        let mut changed = Vec::new();
        if let Some(mut waiting) = self.next.take() {
            waiting.enter(State::Superseded, "a newer release came");
            changed.push(waiting);
        }
        match &mut self.active {
            // The way back is not cut off by what lands meanwhile.
            Some(active) if !active.state.has_requests() && active.kind == Kind::Release => {
                active.enter(State::Superseded, "a newer release came");
                changed.extend(self.active.take());
            }
            Some(active) if active.state == State::Held => {
                active.turn_back("a newer release came while nobody decided");
                changed.push(active.clone());
            }
            _ => {}
        }
        changed.push(deployment.clone());
        self.next = Some(deployment);
        changed.extend(self.begin());
        Ok(changed)
    }

    /// Back to `to`, or to the release that served before: what is on its way is taken back first, and without a `to` that is all. Nothing waits for
    /// it and nothing is judged. Says which deployments changed.
    ///
    /// # Errors
    /// [`Refusal`] where there is nothing to go back to.
    pub fn roll_back(
        &mut self,
        id: DeploymentId,
        to: Option<ReleaseId>,
        within: std::time::Duration,
        by: &str,
        reason: &str,
    ) -> Result<Vec<Deployment>, Refusal> {
        let on_its_way = self
            .active
            .as_ref()
            .map(|active| (active.state, active.kind));
        let mut changed = Vec::new();
        if let (None, Some((state, kind))) = (to, on_its_way) {
            if state == State::RollingBack || kind == Kind::Rollback {
                return Err(Refusal::Is(state));
            }
            if self.serving.is_none() {
                return Err(Refusal::NothingBefore);
            }
            self.give_up(by, reason, &mut changed);
            return Ok(changed);
        }
        let mut before = self.warm.iter().filter(|warm| !warm.taken_back);
        let before = before.next().map(|warm| warm.release);
        let target = to.or(before).ok_or(Refusal::NothingBefore)?;
        if self.serving == Some(target) && self.active.is_none() {
            return Err(Refusal::Serves);
        }
        self.give_up(by, reason, &mut changed);
        if self.serving == Some(target) {
            return Ok(changed);
        }
        changed.extend(self.go_to(id, Kind::Rollback, target, within, by, reason));
        Ok(changed)
    }

    /// Again to the release that was left, or to `to`: the undoing of a rollback.
    ///
    /// # Errors
    /// [`Refusal`] where something is on its way, or there is none.
    pub fn promote(
        &mut self,
        id: DeploymentId,
        to: ReleaseId,
        within: std::time::Duration,
        by: &str,
        reason: &str,
    ) -> Result<Vec<Deployment>, Refusal> {
        if let Some(active) = &self.active {
            return Err(Refusal::Is(active.state));
        }
        if self.serving == Some(to) {
            return Err(Refusal::Serves);
        }
        Ok(self.go_to(id, Kind::Promotion, to, within, by, reason))
    }

    /// To `target` without steps.
    fn go_to(
        &mut self,
        id: DeploymentId,
        kind: Kind,
        target: ReleaseId,
        within: std::time::Duration,
        by: &str,
        reason: &str,
    ) -> Vec<Deployment> {
        let warm = std::time::Duration::from_secs(24 * 3_600);
        let mut deployment =
            Deployment::new(id, kind, target, Plan::at_once(within, warm), by.to_owned());
        deployment.previous = self.serving;
        deployment.enter(State::Fetching, reason);
        let mut changed = vec![deployment.clone()];
        if let Some(mut left) = self.active.replace(deployment) {
            // Its requests go straight to the target.
            left.enter(State::RolledBack, reason);
            changed.insert(0, left);
        }
        changed
    }

    /// Ends what is on its way and what waits.
    fn give_up(&mut self, by: &str, reason: &str, changed: &mut Vec<Deployment>) {
        let why = if reason.is_empty() {
            format!("{by} took it back")
        } else {
            reason.to_owned()
        };
        if let Some(mut waiting) = self.next.take() {
            waiting.enter(State::Aborted, why.clone());
            changed.push(waiting);
        }
        let Some(active) = &mut self.active else {
            return;
        };
        if active.state == State::RollingBack {
            return;
        }
        if active.state.has_requests() {
            active.turn_back(why);
            changed.push(active.clone());
        } else {
            active.enter(State::Aborted, why);
            changed.extend(self.active.take());
        }
    }

    /// The service ends, and with it what is on its way and what waits.
    pub fn end(&mut self, reason: &str) -> Vec<Deployment> {
        let both = [self.active.take(), self.next.take()];
        let ended = both.into_iter().flatten().map(|mut one| {
            let state = if one.state.has_requests() {
                State::RolledBack
            } else {
                State::Aborted
            };
            one.enter(state, reason);
            one
        });
        let ended = ended.collect();
        *self = Self::default();
        ended
    }

    /// Somebody wants to decide before it goes on.
    ///
    /// # Errors
    /// [`Refusal`] where nothing is on its way that could be held.
    pub fn hold(&mut self, reason: &str) -> Result<Deployment, Refusal> {
        self.with_active(&[State::Canary, State::Baking], |active| {
            active.enter(State::Held, reason);
        })
    }

    /// It goes on where it was held, and its time begins again.
    ///
    /// # Errors
    /// [`Refusal`] where nothing is held.
    pub fn resume(&mut self, reason: &str) -> Result<Deployment, Refusal> {
        self.with_active(&[State::Held], |active| active.resume(reason))
    }

    /// The next step without waiting for more.
    ///
    /// # Errors
    /// [`Refusal`] where there is no step to skip.
    pub fn skip(&mut self, reason: &str) -> Result<Deployment, Refusal> {
        let skipped = self.with_active(&[State::Canary, State::Baking, State::Held], |active| {
            if active.state == State::Held {
                active.resume(reason);
            }
            active.advance(reason);
        })?;
        self.finish();
        Ok(skipped)
    }

    fn with_active(
        &mut self,
        states: &[State],
        change: impl FnOnce(&mut Deployment),
    ) -> Result<Deployment, Refusal> {
        let active = self.active.as_mut().ok_or(Refusal::NothingOnItsWay)?;
        if !states.contains(&active.state) {
            return Err(Refusal::Is(active.state));
        }
        change(active);
        Ok(active.clone())
    }

    /// One look, `passed` milliseconds after the last one. Says which deployments came to another state or step, each as it is then, in order.
    pub fn look(&mut self, passed: u64, sights: &Sights) -> Vec<Deployment> {
        for warm in &mut self.warm {
            warm.left = warm.left.saturating_sub(passed);
        }
        self.warm
            .retain(|warm| warm.left > 0 && !matches!(sights.of(warm.release), Sight::Failed(_)));
        let mut changed: Vec<_> = self.begin().into_iter().collect();
        if let Some(active) = &mut self.active {
            let before = (active.state, active.step);
            active.look(passed, sights);
            if before != (active.state, active.step) {
                changed.push(active.clone());
            }
        }
        self.finish();
        changed
    }

    /// What waits is on its way once nothing else is.
    fn begin(&mut self) -> Option<Deployment> {
        if self.active.is_some() {
            return None;
        }
        let mut next = self.next.take()?;
        if self.serving == Some(next.release) {
            next.enter(State::Superseded, "it serves by now");
            return Some(next);
        }
        next.previous = self.serving;
        next.enter(State::Fetching, "it is its turn");
        self.active = Some(next.clone());
        Some(next)
    }

    /// What has ended is on its way no more.
    fn finish(&mut self) {
        let Some(ended) = self.active.take_if(|active| active.state.is_end()) else {
            return;
        };
        match ended.state {
            State::Settled => {
                let left = self.serving.replace(ended.release);
                self.warm.retain(|warm| warm.release != ended.release);
                let left = left.filter(|left| *left != ended.release);
                self.keep_warm(left, &ended.plan, ended.kind == Kind::Rollback);
            }
            // It may be wanted again, and is looked at by whoever asks why.
            State::RolledBack => self.keep_warm(Some(ended.release), &ended.plan, true),
            _ => {}
        }
    }

    fn keep_warm(&mut self, release: Option<ReleaseId>, plan: &Plan, taken_back: bool) {
        let Some(release) =
            release.filter(|release| plan.warm > 0 && self.serving != Some(*release))
        else {
            return;
        };
        self.warm.retain(|warm| warm.release != release);
        let warm = Warm {
            release,
            left: plan.warm,
            taken_back,
        };
        self.warm.insert(0, warm);
        let mut seen = [0; 2];
        self.warm.retain(|warm| {
            let seen = &mut seen[usize::from(warm.taken_back)];
            *seen += 1;
            *seen <= WARM
        });
    }

    /// What should be, as far as `sights` allow: no release gets requests that was never seen ready.
    #[must_use]
    pub fn wanted(&self, sights: &Sights) -> Wanted {
        let mut wanted = Wanted::default();
        for warm in &self.warm {
            wanted.want(warm.release, Mode::Parked);
        }
        if let Some(serving) = self.serving {
            wanted.want(serving, Mode::Live);
        }
        let percent = self.active.as_ref().map_or(0, Deployment::percent);
        if let Some(active) = &self.active {
            match active.state {
                State::Queued | State::Fetching => wanted.want(active.release, Mode::Fetched),
                State::RollingBack => wanted.want(active.release, Mode::Parked),
                _ => wanted.want(active.release, Mode::Live),
            }
            if percent > 0 {
                wanted.shares.insert(active.release, percent);
            }
        }
        match self.serving {
            Some(serving) if percent < 100 => {
                wanted.shares.insert(serving, 100 - percent);
            }
            _ => {}
        }
        share_out(&mut wanted, sights);
        wanted
    }
}

/// Gives the shares of releases that cannot serve to one that can. Where none can, all stays as it is.
fn share_out(wanted: &mut Wanted, sights: &Sights) {
    let serves = |release: &ReleaseId| *sights.of(*release) == Sight::Ready;
    let Some(takes) = wanted.shares.keys().copied().find(|one| serves(one)) else {
        return;
    };
    let all = std::mem::take(&mut wanted.shares);
    for (release, percent) in all {
        let to = if serves(&release) { release } else { takes };
        *wanted.shares.entry(to).or_default() += percent;
    }
}
