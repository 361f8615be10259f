//! What a platform is started with.

use std::path::PathBuf;
use std::sync::Arc;

use trunkline_introspect::Telemetry;
use trunkline_model::{Clock, IdGen, RandomIds, SystemClock};

use crate::{Config, DataDir};

/// What the program knows of itself.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The commit that it was built from.
    pub commit: &'static str,
    /// The page of an error code, in Markdown.
    pub error_page: fn(&str) -> Option<&'static str>,
}

impl Default for About {
    fn default() -> Self {
        Self {
            commit: "unknown",
            error_page: |_| None,
        }
    }
}

/// Everything that one platform is made from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where everything is kept.
    pub data_dir: DataDir,
    /// The configuration.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub ids: Arc<dyn IdGen>,
    /// What the platform says of itself, on its way into its own lake.
    pub telemetry: Option<Telemetry>,
    /// What the program knows of itself.
    pub about: About,
}

impl Settings {
    /// A platform in `data_dir` with the system's clock and chance.
    #[must_use]
    pub fn new(data_dir: DataDir, config: Config) -> Self {
        Self {
            data_dir,
            config,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            telemetry: None,
            about: About::default(),
        }
    }

    /// The folder of the team's files.
    pub(super) fn workspace(&self) -> PathBuf {
        match self.config.workspace.folder.as_str() {
            "" => self.data_dir.workspace(),
            folder => PathBuf::from(folder),
        }
    }
}
