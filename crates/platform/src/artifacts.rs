//! Images for updates over the air, in the documents of jobs.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use trunkline_artifact::{ArtifactParts, Artifacts, InUse, NotKnown, named_in};
use trunkline_fleet::{Documents, Fleet};
use trunkline_model::Clock;
use trunkline_store::Store;

use crate::Settings;

/// Opens the artifacts, which devices reach at `base`, and lets the documents of jobs name them.
pub(crate) async fn open(
    settings: &Settings,
    store: Store,
    fleet: &Arc<Fleet>,
    base: &str,
) -> anyhow::Result<Arc<Artifacts>> {
    let parts = ArtifactParts {
        store,
        clock: Arc::clone(&settings.clock),
        ids: Arc::clone(&settings.ids),
        authority: Arc::clone(fleet.authority()),
        in_use: Arc::new(ByJobs(Arc::clone(fleet))),
        folder: settings.data_dir.artifacts(),
        base: base.to_owned(),
    };
    let artifacts = Artifacts::open(&settings.config.artifacts, parts).await?;
    fleet.set_documents(Arc::new(WithArtifacts {
        artifacts: Arc::clone(&artifacts),
        clock: Arc::clone(&settings.clock),
    }));
    Ok(artifacts)
}

/// The jobs that are not over.
#[derive(Debug)]
struct ByJobs(Arc<Fleet>);

#[async_trait]
impl InUse for ByJobs {
    async fn job_with(&self, name: &str, version: &str) -> Result<Option<String>, NotKnown> {
        let documents = self.0.documents_in_use().await?;
        let names = |document: &Value| {
            let named = named_in(document);
            named
                .iter()
                .any(|(known, of)| known == name && of == version)
        };
        let found = documents.into_iter().find(|(_, document)| names(document));
        Ok(found.map(|(job, _)| job))
    }
}

/// What the documents of jobs name.
#[derive(Debug)]
struct WithArtifacts {
    artifacts: Arc<Artifacts>,
    clock: Arc<dyn Clock>,
}

impl Documents for WithArtifacts {
    fn check(&self, document: &Value) -> Result<(), String> {
        let checked = self.artifacts.check(document);
        checked.map_err(|error| error.to_string())
    }

    fn fill(&self, document: Value, thing: &str) -> Value {
        match self.artifacts.fill(&document, thing, self.clock.now()) {
            Ok(filled) => filled,
            // A job that was made before its artifact went, or before artifacts were there: the device is told what stands in it.
            Err(error) => {
                tracing::warn!(thing, %error, "the document of a job is told as it is");
                document
            }
        }
    }
}
