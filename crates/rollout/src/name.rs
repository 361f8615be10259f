//! What releases and deployments are called.

use trunkline_model::{TypedId, kind};

/// Names a release.
pub type ReleaseId = TypedId<kind::Release>;
/// Names a deployment.
pub type DeploymentId = TypedId<kind::Deployment>;
