//! How fast a job spreads.

use serde::{Deserialize, Serialize};

use crate::stage::{self, Stage};
use crate::{Factor, Limits, Progress, Rejected};

/// Things that can be told in a minute.
const RATE: std::ops::RangeInclusive<u32> = 1..=1_000;

/// How fast a job spreads; a thousand things a minute where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RolloutConfig {
    /// How many things are told in a minute at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_per_minute: Option<u32>,
    /// A rate that grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exponential_rate: Option<ExponentialRate>,
    /// Parts of the targets, one after another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
}

/// A rate that grows as the job goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExponentialRate {
    /// The rate at the beginning.
    pub base_rate_per_minute: u32,
    /// How many times larger it becomes with each step.
    pub increment_factor: Factor,
    /// When a step is taken.
    pub rate_increase_criteria: IncreaseCriteria,
}

/// When the rate grows. Where both are said, the one that comes further counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IncreaseCriteria {
    /// Each time that so many more things have been told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of_notified_things: Option<u64>,
    /// Each time that so many more things have done it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of_succeeded_things: Option<u64>,
}

impl RolloutConfig {
    /// How many things can be told in a minute, as far as the job is.
    #[must_use]
    pub fn rate(&self, progress: &Progress) -> u64 {
        let most = self.maximum_per_minute.unwrap_or(*RATE.end()).into();
        self.exponential_rate
            .map_or(most, |rate| rate.at(progress, most))
    }

    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Rejected> {
        let rate = |name: &str, rate: u32| {
            if RATE.contains(&rate) {
                return Ok(());
            }
            Err(Rejected::request(format!(
                "{name} must be from {} to {}",
                RATE.start(),
                RATE.end()
            )))
        };
        if let Some(most) = self.maximum_per_minute {
            rate("maximumPerMinute", most)?;
        }
        if let Some(growing) = self.exponential_rate {
            rate("baseRatePerMinute", growing.base_rate_per_minute)?;
            growing.rate_increase_criteria.check()?;
            if self.maximum_per_minute.unwrap_or(*RATE.end()) < growing.base_rate_per_minute {
                return Err(Rejected::request(
                    "baseRatePerMinute must not be larger than maximumPerMinute",
                ));
            }
            if !self.stages.is_empty() {
                return Err(Rejected::request(
                    "a rollout has stages or exponentialRate, not both",
                ));
            }
        }
        stage::check(&self.stages, limits)
    }
}

impl ExponentialRate {
    fn at(&self, progress: &Progress, most: u64) -> u64 {
        let steps = |each: Option<u64>, reached: u64| {
            each.and_then(|each| reached.checked_div(each)).unwrap_or(0)
        };
        let criteria = self.rate_increase_criteria;
        let steps = steps(criteria.number_of_notified_things, progress.notified).max(steps(
            criteria.number_of_succeeded_things,
            progress.counts.succeeded,
        ));
        // In thousandths, so that a slow rate grows too.
        let mut rate = u64::from(self.base_rate_per_minute) * 1_000;
        for _ in 0..steps {
            if rate >= most * 1_000 {
                break;
            }
            rate = self.increment_factor.times(rate);
        }
        (rate / 1_000).min(most)
    }
}

impl IncreaseCriteria {
    fn check(&self) -> Result<(), Rejected> {
        let both = [
            self.number_of_notified_things,
            self.number_of_succeeded_things,
        ];
        if both == [None, None] || both.contains(&Some(0)) {
            return Err(Rejected::request(
                "rateIncreaseCriteria must have numberOfNotifiedThings or numberOfSucceededThings, of at least 1",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;
    use serde_json::json;

    fn config(value: serde_json::Value) -> RolloutConfig {
        serde_json::from_value(value).unwrap()
    }

    fn progress(notified: u64, succeeded: u64) -> Progress {
        Progress {
            notified,
            counts: Counts {
                succeeded,
                ..Counts::default()
            },
            ..Progress::default()
        }
    }

    #[test]
    fn a_constant_rate_is_what_it_says() {
        assert_eq!(config(json!({})).rate(&progress(0, 0)), 1_000);
        let fifty = config(json!({"maximumPerMinute": 50}));
        assert_eq!(fifty.rate(&progress(10_000, 10_000)), 50);
    }

    #[test]
    fn a_growing_rate_doubles_with_each_thousand() {
        let growing = config(json!({
            "exponentialRate": {
                "baseRatePerMinute": 50,
                "incrementFactor": 2,
                "rateIncreaseCriteria": {"numberOfNotifiedThings": 1_000, "numberOfSucceededThings": 1_000},
            },
            "maximumPerMinute": 1_000,
        }));
        let rates = [0, 999, 1_000, 2_000, 3_000, 4_000, 5_000, u64::MAX]
            .map(|notified| growing.rate(&progress(notified, 0)));
        assert_eq!(rates, [50, 50, 100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(growing.rate(&progress(1_000, 3_000)), 400);
    }

    #[test]
    fn one_criterion_is_enough_and_a_slow_rate_grows_too() {
        let growing = config(json!({"exponentialRate": {
            "baseRatePerMinute": 1,
            "incrementFactor": 1.1,
            "rateIncreaseCriteria": {"numberOfSucceededThings": 10},
        }}));
        assert_eq!(growing.rate(&progress(1_000, 0)), 1);
        assert_eq!(growing.rate(&progress(0, 70)), 1);
        assert_eq!(growing.rate(&progress(0, 80)), 2);
    }

    #[test]
    fn rates_have_ends_and_one_kind() {
        let limits = Limits::default();
        let check = |value| {
            config(value)
                .check(&limits)
                .map_err(|rejected| rejected.message)
        };
        let growing = |base: u32, criteria: serde_json::Value| {
            json!({
                "baseRatePerMinute": base,
                "incrementFactor": 1.5,
                "rateIncreaseCriteria": criteria,
            })
        };
        let each = json!({"numberOfNotifiedThings": 1});
        assert_eq!(check(json!({"maximumPerMinute": 1})), Ok(()));
        let good = growing(1_000, each.clone());
        assert_eq!(check(json!({"exponentialRate": good})), Ok(()));
        for (value, words) in [
            (json!({"maximumPerMinute": 0}), "maximumPerMinute"),
            (json!({"maximumPerMinute": 1_001}), "from 1 to 1000"),
            (
                json!({"exponentialRate": growing(0, each.clone())}),
                "baseRatePerMinute",
            ),
            (
                json!({"exponentialRate": growing(11, each.clone()), "maximumPerMinute": 10}),
                "must not be larger",
            ),
            (
                json!({"exponentialRate": growing(1, json!({}))}),
                "rateIncreaseCriteria",
            ),
            (
                json!({"exponentialRate": growing(1, json!({"numberOfSucceededThings": 0}))}),
                "at least 1",
            ),
            (
                json!({
                    "exponentialRate": growing(1, each),
                    "stages": [{"name": "all", "percentage": 100}],
                }),
                "not both",
            ),
        ] {
            let message = check(value).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
