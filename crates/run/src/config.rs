//! The section `[run]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Services: what runs of the trunks, and how releases take one another's place.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Whether services of the trunks are run here at all.
    pub enabled: bool,
    /// How many services there may be.
    pub max_services: usize,
    /// Seconds for which services go on without a platform; then they end.
    pub outlive_seconds: u64,
    /// Whether services end with the platform where it is stopped in peace. Where it is killed they never do.
    pub stop_with_platform: bool,
    /// The least confinement that services run with: `none`, `files` or `namespaces`.
    pub sandbox: Confinement,
    /// Releases of a service whose files are kept, beside those that run.
    pub keep_releases: usize,
}

/// How much confinement services need at least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confinement {
    /// A clean environment and limits alone.
    #[default]
    None,
    /// The file system and system calls.
    Files,
    /// Also namespaces.
    Namespaces,
}

impl Confinement {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Files => "files",
            Self::Namespaces => "namespaces",
        }
    }
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            max_services: 200,
            outlive_seconds: 300,
            stop_with_platform: true,
            sandbox: Confinement::default(),
            keep_releases: 5,
        }
    }
}
