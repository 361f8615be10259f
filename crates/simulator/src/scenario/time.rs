//! Steps and buckets on one time line, in whole milliseconds.

use std::time::Duration;

use super::problem::ScenarioError;
use super::what_if::{Length, Scenario};

/// About how many rows each field has where nobody says.
const USUAL: u64 = 60;

/// When a scenario ends, and what time a bucket has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeLine {
    pub(super) end: u64,
    pub(super) bucket: u64,
}

/// Milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// How many steps of `every` a thing makes.
pub(super) const fn steps(length: Length, every: u64, end: u64) -> u64 {
    match length {
        Length::Steps(steps) => steps,
        Length::Time(_) => end / every,
    }
}

impl TimeLine {
    /// The time line of things with steps as long as each of `every`.
    pub(super) fn new(scenario: &Scenario, every: &[u64]) -> Result<Self, ScenarioError> {
        let longest = every.iter().copied().max().unwrap_or(1);
        let end = match scenario.length {
            Length::Time(time) => millis(time),
            Length::Steps(steps) => steps.saturating_mul(longest),
        };
        let bucket = match scenario.bucket {
            Some(bucket) => millis(bucket),
            // Whole steps of the slowest things, so that each of them is in each bucket.
            None => end
                .div_ceil(USUAL)
                .div_ceil(longest)
                .saturating_mul(longest),
        };
        if bucket == 0 {
            return Err(if scenario.bucket.is_some() {
                ScenarioError::Bucket
            } else {
                ScenarioError::TooShort
            });
        }
        let buckets = end.div_ceil(bucket);
        if buckets > Scenario::BUCKETS {
            return Err(ScenarioError::TooManyBuckets(buckets));
        }
        Ok(Self { end, bucket })
    }

    pub(super) const fn buckets(self) -> u64 {
        self.end.div_ceil(self.bucket)
    }

    /// How many steps of `every`, of which there are `most`, end within the first `buckets` buckets.
    pub(super) fn steps_until(self, buckets: u64, every: u64, most: u64) -> u64 {
        (buckets.saturating_mul(self.bucket) / every).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(length: Length, bucket: Option<u64>, every: &[u64]) -> Result<TimeLine, ScenarioError> {
        let scenario = Scenario {
            models: Vec::new(),
            things: Vec::new(),
            changes: Vec::new(),
            length,
            bucket: bucket.map(Duration::from_millis),
            seed: 0,
        };
        TimeLine::new(&scenario, every)
    }

    #[test]
    fn buckets_are_whole_steps_of_the_slowest() {
        let two_hours = Length::Time(Duration::from_secs(7_200));
        let usual = line(two_hours, None, &[5_000, 15_000]).unwrap();
        assert_eq!(
            (usual.end, usual.bucket, usual.buckets()),
            (7_200_000, 120_000, 60)
        );
        let short = line(Length::Steps(3), None, &[5_000, 15_000]).unwrap();
        assert_eq!(
            (short.end, short.bucket, short.buckets()),
            (45_000, 15_000, 3)
        );
        assert_eq!(
            line(two_hours, Some(0), &[5_000]),
            Err(ScenarioError::Bucket)
        );
        let many = line(two_hours, Some(5_000), &[5_000]);
        assert_eq!(many, Err(ScenarioError::TooManyBuckets(1_440)));
        assert_eq!(
            line(Length::Steps(0), None, &[5_000]),
            Err(ScenarioError::TooShort)
        );
    }

    #[test]
    fn each_step_is_in_one_bucket() {
        let line = TimeLine {
            end: 60_000,
            bucket: 7_000,
        };
        let most = steps(Length::Time(Duration::from_secs(60)), 5_000, line.end);
        let in_each: Vec<u64> = (0..line.buckets())
            .map(|bucket| {
                line.steps_until(bucket + 1, 5_000, most) - line.steps_until(bucket, 5_000, most)
            })
            .collect();
        assert_eq!(in_each, [1, 1, 2, 1, 2, 1, 1, 2, 1]);
        assert_eq!(in_each.iter().sum::<u64>(), most);
    }
}
