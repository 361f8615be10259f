//! The sections of a `service.toml` by which it is run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::amount::{Size, Span, Step};

/// `[run]`: how it is run. A service without it is built and tested, and runs elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Run {
    /// The command, for a shell, in the service's folder. It finds the port that it is to listen at in `PORT`.
    pub cmd: String,
    /// Bytes of memory that it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Size>,
    /// Processes that it may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
    /// Variables of its environment.
    pub env: BTreeMap<String, String>,
    /// Names of secrets, each of which is a variable of this name.
    pub secrets: Vec<String>,
    /// How long it may take to end once it is asked to.
    pub grace: Span,
}

/// `[scale]`: how many of it there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scale {
    /// How many run.
    pub min: u32,
}

/// `[health]`: how it is asked whether it is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// The path that answers with 2xx where it is well. Without one it is well once its port takes connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The time that it has to get well after its start.
    pub within: Span,
    /// Answers in a row that make it well, so that one that goes up and down is not taken for it.
    pub answers: u32,
}

/// `[route]`: where it is reached through the gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Route {
    /// Its host; every one where it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The path below which it is; without one there is no route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The path is cut off before a request comes to it.
    pub strip: bool,
    /// The credentials that are taken, as a route file names them: any where it is missing, `none` where none are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<String>,
}

/// How a release takes the place of the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// By steps, each of which is judged.
    #[default]
    Canary,
    /// At once, with the one before ready to come back.
    BlueGreen,
    /// At once, and the one before ends.
    AllAtOnce,
}

/// `[deploy]`: how a release of it comes to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deploy {
    /// How it takes the place of the one before.
    pub strategy: Strategy,
    /// The steps of a canary, behind which it gets all requests.
    pub steps: Vec<Step>,
    /// For how long it is judged once it gets all requests.
    pub bake: Span,
    /// For how long the one before stays ready to come back.
    pub keep_warm: Span,
    /// Requests that it has to have answered at a step before the next one; fewer make it wait, and then ask.
    pub requests: u64,
}

/// What a release does to its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataStep {
    /// It adds: the one before can go on with it.
    #[default]
    Expand,
    /// It takes away what the one before needs: going back past it is not safe.
    Contract,
}

/// What a release is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Answers with a status of 500 and above.
    Errors,
    /// Answers that take longer than all but one in a hundred of the release before.
    Slow,
}

/// `[rollback]`: when a release of it is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rollback {
    /// What it is judged by; nothing where it is empty.
    pub rules: Vec<Rule>,
    /// How often at most a release that is as good as the one before may be taken back.
    pub alpha: f64,
    /// What the release does to its data.
    pub data: DataStep,
}

const fn seconds(seconds: u64) -> Span {
    Span(Duration::from_secs(seconds))
}

impl Default for Span {
    fn default() -> Self {
        seconds(10)
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self { min: 1 }
    }
}

impl Default for Health {
    fn default() -> Self {
        Self {
            path: None,
            within: seconds(10),
            answers: 2,
        }
    }
}

impl Default for Deploy {
    fn default() -> Self {
        let step = |percent, minutes: u64| Step {
            percent,
            pause: seconds(minutes * 60),
        };
        Self {
            strategy: Strategy::default(),
            steps: vec![step(5, 2), step(25, 5)],
            bake: seconds(30 * 60),
            keep_warm: seconds(24 * 3_600),
            requests: 50,
        }
    }
}

impl Default for Rollback {
    fn default() -> Self {
        Self {
            rules: vec![Rule::Errors],
            alpha: 0.01,
            data: DataStep::default(),
        }
    }
}
