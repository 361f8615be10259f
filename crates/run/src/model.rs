//! What is shown of services.

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

/// A service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceInfo {
    /// Its name.
    pub name: String,
    /// The repository.
    pub repository: String,
    /// Its folder there.
    pub folder: String,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// `serving`, `starting`, `down` or `none` where no release serves.
    pub health: &'static str,
    /// The release that serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serving: Option<ReleaseInfo>,
    /// The deployment that is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentInfo>,
    /// Why no new release is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
    /// What is wrong with it in the trunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What runs of it.
    pub instances: Vec<InstanceInfo>,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReleaseInfo {
    /// Its id.
    pub id: String,
    /// Counts the service's releases from 1.
    pub number: i64,
    /// The commit of the trunk that it was made of.
    pub commit: String,
    /// BLAKE3 of its files, once they were brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Their bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<i64>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// It takes away what the one before it needs.
    pub contracts: bool,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DeploymentInfo {
    /// Its id.
    pub id: String,
    /// `release`, `rollback` or `promotion`.
    pub kind: String,
    /// The number of the release.
    pub number: i64,
    /// The release.
    pub release: String,
    /// How far it is.
    pub state: String,
    /// The step of the canary, from 1.
    pub step: i64,
    /// The share of requests that it gets.
    pub percent: i64,
    /// Why it is in this state.
    pub reason: String,
    /// The numbers behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub evidence: Option<serde_json::Value>,
    /// Who wanted it.
    pub by: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started: Timestamp,
    /// When it came to this state.
    #[schema(value_type = String, format = DateTime)]
    pub changed: Timestamp,
}

/// Something that runs of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InstanceInfo {
    /// Its id.
    pub id: String,
    /// The number of its release.
    pub number: i64,
    /// The port that it listens at.
    pub port: u16,
    /// The number of its process; 0 where that is not known yet.
    pub process: u32,
    /// `starting`, `ready`, `parked`, `leaving` or `ended`.
    pub state: &'static str,
    /// Why the one before it ended, as long as it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What going back would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RollbackInfo {
    /// The release that would be left.
    pub from: ReleaseInfo,
    /// The release that would serve.
    pub to: ReleaseInfo,
    /// It is ready and takes requests at once.
    pub ready: bool,
    /// Whether nothing speaks against it.
    pub safe: bool,
    /// What speaks against it.
    pub warnings: Vec<String>,
}

/// What a person wants of a service.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The number of the release that is meant; the one before, or the one that was left, where it is missing.
    #[serde(default)]
    pub number: Option<i64>,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Also where it is not safe.
    #[serde(default)]
    pub force: bool,
}
