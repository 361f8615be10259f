//! Large files of the forge's repositories.

use std::sync::Arc;

use trunkline_forge::{Forge, RepositoryInfo};
use trunkline_lake::Storage;
use trunkline_lfs::{LargeFiles, LfsParts, Repositories};
use trunkline_store::Store;

use crate::Settings;

/// Opens the large files, which lie beside the lake.
pub(crate) async fn open(
    settings: &Settings,
    store: Store,
    forge: &Arc<Forge>,
    storage: &Storage,
    base: &str,
) -> anyhow::Result<Arc<LargeFiles>> {
    let parts = LfsParts {
        store,
        clock: Arc::clone(&settings.clock),
        ids: Arc::clone(&settings.ids),
        repositories: Arc::new(OfForge(Arc::clone(forge))),
        objects: Arc::clone(storage.root()),
        prefix: storage.beside("lfs"),
        base: base.to_owned(),
    };
    Ok(LargeFiles::open(&settings.config.lfs, parts).await?)
}

/// The repositories of the forge.
#[derive(Debug)]
struct OfForge(Arc<Forge>);

impl Repositories for OfForge {
    fn identity(&self, name: &str) -> Option<String> {
        self.0.repository(name).ok().map(|info| info.identity())
    }

    fn identities(&self) -> Vec<String> {
        let all = self.0.repositories();
        all.iter().map(RepositoryInfo::identity).collect()
    }
}
