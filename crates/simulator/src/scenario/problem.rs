//! Why a scenario does not come about.

use super::what_if::Scenario;

/// Why a scenario has no outcome.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// There are more things than a scenario takes.
    #[error("a scenario has at most {} things, and these are {}", Scenario::THINGS, .0)]
    TooManyThings(usize),
    /// All things together would make more steps than a scenario takes.
    #[error("a scenario has at most {} steps of all things together, and these would be {}: take fewer things or a shorter time", Scenario::STEPS, .0)]
    TooManySteps(u64),
    /// The statistics would have too many rows.
    #[error("the statistics have at most {} rows of each field, and these would be {}: take longer buckets", Scenario::BUCKETS, .0)]
    TooManyBuckets(u64),
    /// It is over before anything has made a step.
    #[error("the time is too short for a step of anything")]
    TooShort,
    /// A bucket of no time.
    #[error("a bucket is longer than no time")]
    Bucket,
    /// Two models are for the same kind.
    #[error("there are two models for the kind `{0}`")]
    TwoModels(String),
    /// Two things have the same name.
    #[error("the thing `{0}` is there twice")]
    Twice(String),
    /// No thing has a model.
    #[error("nothing can be run ahead: none of the things is of a kind that has a behaviour model")]
    Nothing,
    /// A change changes nothing.
    #[error("`{0}` changes nothing: no thing that has a model is meant by it")]
    Unmet(String),
    /// It was stopped.
    #[error("the scenario was stopped")]
    Stopped,
}
