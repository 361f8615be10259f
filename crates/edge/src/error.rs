//! Why the edge cannot be set up.

use trunkline_admission::{IssuerError, PlanError};
use trunkline_gateway::GatewayError;

/// What keeps the gateway from being set up.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The client that fetches key sets cannot be made.
    #[error("the client for key sets cannot be made")]
    Client(#[from] reqwest::Error),
    /// An issuer of `[admission]` cannot be used.
    #[error("admission.issuers")]
    Issuer(#[from] IssuerError),
    /// A plan of `[admission]` cannot be used.
    #[error("admission.plans")]
    Plan(#[from] PlanError),
    /// The gateway's own configuration cannot be used.
    #[error("gateway")]
    Gateway(#[from] GatewayError),
}
