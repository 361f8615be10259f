//! Trying again.

use serde::{Deserialize, Serialize};

use crate::{Rejected, Status};

/// How often one thing may try again, all reasons together.
const MOST: u32 = 10;

/// An end after which it can be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RetryOn {
    /// The device failed.
    Failed,
    /// The device took too long.
    TimedOut,
    /// Either.
    All,
}

/// How often a thing tries again after one kind of end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryCriterion {
    /// After which end.
    pub failure_type: RetryOn,
    /// How often, for each thing.
    pub number_of_retries: u32,
}

/// After which ends a thing tries again, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryConfig {
    /// One for each kind of end, or one for all.
    #[serde(default)]
    pub criteria_list: Vec<RetryCriterion>,
}

/// How often a thing has tried again, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// Because it failed.
    pub failed: u32,
    /// Because it took too long.
    pub timed_out: u32,
}

impl RetryConfig {
    /// What a further execution has tried, after one with `retried` ended with `status`; nothing where there is to be none.
    pub(crate) fn next(&self, retried: Retried, status: Status) -> Option<Retried> {
        let mut next = retried;
        let kind = match status {
            Status::Failed => {
                next.failed += 1;
                RetryOn::Failed
            }
            Status::TimedOut => {
                next.timed_out += 1;
                RetryOn::TimedOut
            }
            _ => return None,
        };
        let granted = self.criteria_list.iter().any(|criterion| {
            let tried = match criterion.failure_type {
                RetryOn::All => retried.failed + retried.timed_out,
                RetryOn::Failed if kind == RetryOn::Failed => retried.failed,
                RetryOn::TimedOut if kind == RetryOn::TimedOut => retried.timed_out,
                RetryOn::Failed | RetryOn::TimedOut => return false,
            };
            tried < criterion.number_of_retries
        });
        granted.then_some(next)
    }

    /// Whether a job can be so; `timed` says whether it has a time in which each thing must be done.
    pub(crate) fn check(&self, timed: bool) -> Result<(), Rejected> {
        let kinds: Vec<RetryOn> = self
            .criteria_list
            .iter()
            .map(|criterion| criterion.failure_type)
            .collect();
        let fits = match kinds.as_slice() {
            [one, other] => one != other && ![*one, *other].contains(&RetryOn::All),
            kinds => kinds.len() <= 1,
        };
        if !fits {
            return Err(Rejected::request(
                "jobExecutionsRetryConfig can have FAILED and TIMED_OUT once each, or ALL alone",
            ));
        }
        let total = self.criteria_list.iter().fold(0_u32, |sum, criterion| {
            sum.saturating_add(criterion.number_of_retries)
        });
        if total > MOST {
            return Err(Rejected::request(format!(
                "numberOfRetries is {total} in all, at most {MOST}"
            )));
        }
        if kinds.contains(&RetryOn::TimedOut) && !timed {
            return Err(Rejected::request(
                "to try again after TIMED_OUT, timeoutConfig must have inProgressTimeoutInMinutes",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(criteria: &[(RetryOn, u32)]) -> RetryConfig {
        RetryConfig {
            criteria_list: criteria
                .iter()
                .map(|&(failure_type, number_of_retries)| RetryCriterion {
                    failure_type,
                    number_of_retries,
                })
                .collect(),
        }
    }

    /// How many executions follow when each ends as `ends` says, in turn and over again.
    fn follow(config: &RetryConfig, ends: &[Status]) -> usize {
        let mut retried = Retried::default();
        ends.iter()
            .cycle()
            .map_while(|end| {
                retried = config.next(retried, *end)?;
                Some(())
            })
            .count()
    }

    #[test]
    fn each_kind_of_end_has_its_own_count() {
        let both = config(&[(RetryOn::Failed, 3), (RetryOn::TimedOut, 2)]);
        assert_eq!(follow(&both, &[Status::Failed]), 3);
        assert_eq!(follow(&both, &[Status::TimedOut]), 2);
        assert_eq!(follow(&both, &[Status::Failed, Status::TimedOut]), 5);
        assert_eq!(
            follow(&config(&[(RetryOn::Failed, 3)]), &[Status::TimedOut]),
            0
        );
    }

    #[test]
    fn all_counts_every_kind_together() {
        let all = config(&[(RetryOn::All, 4)]);
        assert_eq!(follow(&all, &[Status::Failed, Status::TimedOut]), 4);
        assert_eq!(follow(&all, &[Status::TimedOut]), 4);
        assert_eq!(follow(&config(&[(RetryOn::All, 0)]), &[Status::Failed]), 0);
    }

    #[test]
    fn other_ends_are_final() {
        let all = config(&[(RetryOn::All, 10)]);
        for status in Status::ALL {
            let again = matches!(status, Status::Failed | Status::TimedOut);
            assert_eq!(all.next(Retried::default(), status).is_some(), again);
        }
        assert_eq!(follow(&RetryConfig::default(), &[Status::Failed]), 0);
    }

    #[test]
    fn ten_in_all_and_no_kind_twice() {
        let good = config(&[(RetryOn::TimedOut, 4), (RetryOn::Failed, 6)]);
        assert!(good.check(true).is_ok());
        assert!(config(&[(RetryOn::All, 10)]).check(false).is_ok());
        assert!(RetryConfig::default().check(false).is_ok());
        for (bad, words) in [
            (&[(RetryOn::All, 11)][..], "at most 10"),
            (
                &[(RetryOn::Failed, 6), (RetryOn::TimedOut, 5)],
                "at most 10",
            ),
            (&[(RetryOn::Failed, 1), (RetryOn::Failed, 1)], "once each"),
            (&[(RetryOn::All, 1), (RetryOn::Failed, 1)], "ALL alone"),
        ] {
            let message = config(bad).check(true).unwrap_err().message;
            assert!(message.contains(words), "{message}");
        }
        let message = good.check(false).unwrap_err().message;
        assert!(message.contains("inProgressTimeoutInMinutes"), "{message}");
    }
}
