//! API tokens.

use serde::Serialize;
use trunkline_model::{Scope, Timestamp};
use utoipa::ToSchema;

use trunkline_proof::{Secret, check_name};

use super::TokenId;
use crate::AccessError;

/// The longest life of a token that expires, in days.
const MAX_LIFE: u32 = 3650;

/// The longest life of a token whose life is given in minutes.
const MAX_MINUTES: u32 = 1440;

/// The longest life of a job's token, in minutes.
const MAX_JOB: u32 = 60;

/// Why a job's token is refused.
const JOB: &str = "the token of a job lives at most 60 minutes";

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// An API token as it is listed; its secret is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    #[schema(value_type = String, example = "tok_01JD9Z6T3S8Q4H5W2E7R1Y0UAB")]
    pub id: TokenId,
    /// The name that people know it by.
    pub name: String,
    /// The first characters of its text, to tell tokens apart.
    #[schema(example = "tl_x7Kq2M")]
    pub prefix: String,
    /// What it may do: `read`, `write`, `owner`.
    #[schema(value_type = Vec<String>, example = json!(["read", "write"]))]
    pub scopes: Vec<Scope>,
    /// The service account as which it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The task of continuous integration as which it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it stops being good; never where it is null.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub expires: Option<Timestamp>,
    /// When it was last used, to the minute; null where it never was.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub last_used: Option<Timestamp>,
}

/// A token that is to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The name that people will know it by: 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Days after which it stops being good, 1 to 3650; never where neither this nor the minutes are given.
    pub expires_in_days: Option<u32>,
    /// Minutes after which it stops being good, 1 to 1440, instead of days.
    pub expires_in_minutes: Option<u32>,
    /// The name of the service account as which it acts.
    pub service: Option<String>,
    /// The name of the task of continuous integration as which it acts; it then lives 60 minutes at most.
    pub job: Option<String>,
}

impl NewToken {
    /// A token called `name` that reads and writes and does not expire.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            scopes: vec![Scope::Read, Scope::Write],
            expires_in_days: None,
            expires_in_minutes: None,
            service: None,
            job: None,
        }
    }

    /// Nothing where such a token can be made.
    pub(crate) fn check(&self) -> Result<(), AccessError> {
        check_name(&self.name)?;
        self.job.as_deref().map_or(Ok(()), check_name)?;
        if self.service.is_some() && self.job.is_some() {
            return Err(AccessError::LifeInvalid(
                "a token acts as a service account or as a job, not as both",
            ));
        }
        if self.scopes.is_empty() {
            return Err(AccessError::ScopesEmpty);
        }
        match (self.expires_in_days, self.expires_in_minutes) {
            (Some(_), Some(_)) => Err(AccessError::LifeInvalid("give days or minutes, not both")),
            (Some(days), None) if !(1..=MAX_LIFE).contains(&days) => {
                Err(AccessError::LifeInvalid("a token lives 1 to 3650 days"))
            }
            (None, Some(minutes)) if !(1..=MAX_MINUTES).contains(&minutes) => {
                Err(AccessError::LifeInvalid("a token lives 1 to 1440 minutes"))
            }
            (Some(_), None) if self.job.is_some() => Err(AccessError::LifeInvalid(JOB)),
            (None, Some(minutes)) if self.job.is_some() && minutes > MAX_JOB => {
                Err(AccessError::LifeInvalid(JOB))
            }
            _ => Ok(()),
        }
    }

    /// How long it lives, in microseconds; for ever where it is nothing.
    pub(crate) fn life(&self) -> Option<i64> {
        let minutes = self
            .expires_in_minutes
            .or_else(|| self.job.as_ref().map(|_| MAX_JOB));
        match (minutes, self.expires_in_days) {
            (Some(minutes), _) => Some(i64::from(minutes) * MINUTE),
            (None, days) => days.map(|days| i64::from(days) * DAY),
        }
    }
}

/// A token that was made, with its text for the only time.
#[derive(Debug)]
pub struct CreatedToken {
    /// The text that a program sends.
    pub secret: Secret,
    /// With what a program signs that signs its requests in the way of AWS; the id of this access key is that of the token.
    pub signing: Secret,
    /// The token as it is listed.
    pub token: Token,
}
