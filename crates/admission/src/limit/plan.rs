//! Limits and plans, ready for use.

use std::sync::Arc;

use super::config::{burst, check_name};
use super::header::Label;
use super::rate::Rate;
use super::{LimitConfig, PlanConfig, PlanError};

const DAY_SECONDS: u64 = 86_400;

/// The most seconds of a month; the `RateLimit` headers know no calendar.
const MONTH_SECONDS: u64 = 31 * DAY_SECONDS;

/// A rate of requests, ready for use. Limits of the same name count together.
#[derive(Clone, Debug)]
pub struct Limit {
    pub(super) rate: Rate,
    pub(super) label: Arc<Label>,
}

impl Limit {
    /// The limit that `config` describes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(config: &LimitConfig) -> Result<Self, PlanError> {
        Self::of(&config.name, config.rate, config.burst)
    }

    fn of(name: &str, rate: f64, most: Option<u32>) -> Result<Self, PlanError> {
        let invalid = |reason| invalid(name, reason);
        if let Some(reason) = check_name(name) {
            return Err(invalid(reason));
        }
        let rate = Rate::new(rate, burst(rate, most).map_err(invalid)?);
        let label = Label::new(name, "", u64::from(rate.burst), rate.window_seconds());
        Ok(Self {
            rate,
            label: Arc::new(label),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.label.name
    }
}

/// A usage plan, ready for use.
#[derive(Clone, Debug)]
pub struct Plan {
    config: PlanConfig,
    /// Tells this plan's requests under way from those of others.
    pub(super) mark: u64,
    pub(super) limit: Option<Limit>,
    pub(super) day: Option<(u64, Arc<Label>)>,
    pub(super) month: Option<(u64, Arc<Label>)>,
}

impl Plan {
    /// The plan that `config` describes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(config: PlanConfig) -> Result<Self, PlanError> {
        let name = &config.name;
        let invalid = |reason| invalid(name, reason);
        if let Some(reason) = check_name(name) {
            return Err(invalid(reason));
        }
        if config.burst.is_some() && config.rate.is_none() {
            return Err(invalid("`burst` needs a `rate`"));
        }
        if config.per_day == Some(0) || config.per_month == Some(0) {
            return Err(invalid("a quota has to be at least 1"));
        }
        if config.concurrency == Some(0) {
            return Err(invalid("`concurrency` has to be at least 1"));
        }
        let limit = config.rate.map(|rate| Limit::of(name, rate, config.burst));
        let quota = |most: Option<u64>, what, seconds| {
            most.map(|most| (most, Arc::new(Label::new(name, what, most, seconds))))
        };
        Ok(Self {
            mark: Label::new(name, "-concurrency", 0, 0).mark,
            limit: limit.transpose()?,
            day: quota(config.per_day, "-day", DAY_SECONDS),
            month: quota(config.per_month, "-month", MONTH_SECONDS),
            config,
        })
    }

    /// Requests at once after a rest, said or by default; nothing without a rate.
    #[must_use]
    pub fn burst(&self) -> Option<u32> {
        self.limit.as_ref().map(|limit| limit.rate.burst)
    }

    /// The plan's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// What it was made of.
    #[must_use]
    pub const fn config(&self) -> &PlanConfig {
        &self.config
    }

    pub(super) const fn has_quota(&self) -> bool {
        self.day.is_some() || self.month.is_some()
    }
}

fn invalid(plan: &str, reason: &'static str) -> PlanError {
    PlanError::Invalid {
        plan: plan.chars().take(64).collect(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &str) -> String {
        match serde_json::from_str::<PlanConfig>(json) {
            Ok(config) => Plan::new(config).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (json, word) in [
            (r#"{"name":""}"#, "name"),
            (r#"{"name":"güld"}"#, "name"),
            (r#"{"name":"a\n"}"#, "name"),
            (r#"{"name":"a","rate":0}"#, "rate"),
            (r#"{"name":"a","rate":-1}"#, "rate"),
            (r#"{"name":"a","rate":1e10}"#, "rate"),
            (r#"{"name":"a","rate":1,"burst":0}"#, "burst"),
            (r#"{"name":"a","rate":0.001,"burst":4000000}"#, "30 days"),
            (r#"{"name":"a","burst":5}"#, "rate"),
            (r#"{"name":"a","per_day":0}"#, "quota"),
            (r#"{"name":"a","concurrency":0}"#, "concurrency"),
            (r#"{"name":"a","per_week":7}"#, "per_week"),
        ] {
            assert!(problem(json).contains(word), "{json}: {}", problem(json));
        }
        let plan = Plan::new(PlanConfig {
            name: "a".into(),
            rate: Some(2.5),
            ..PlanConfig::default()
        });
        assert_eq!(plan.unwrap().limit.unwrap().rate.burst, 3);
    }
}
