//! The forge, and what runs the tasks of its changes.

use std::sync::Arc;

use anyhow::Context as _;
use trunkline_forge::{Forge, ForgeConfig, ForgeParts};
use trunkline_store::Store;
use trunkline_workshop::{Confined, EnvironmentSecrets, Toolchain, Workbench, WorkbenchParts};

use crate::Settings;

/// Opens the forge, which people reach at `base`, and the workbench of its tasks.
pub(crate) async fn open(
    settings: &Settings,
    store: Store,
    base: &str,
) -> anyhow::Result<(Arc<Forge>, Arc<Workbench>)> {
    let config = &settings.config.forge;
    let folder = settings.data_dir.forge();
    let home = folder.join("home");
    std::fs::create_dir_all(&home).context("the folder of the forge cannot be made")?;
    let parts = WorkbenchParts {
        toolchain: Toolchain::find(&home, |name| std::env::var(name).ok()),
        folder: folder.clone(),
        launch: Arc::new(confined(config)?),
        secrets: Arc::new(EnvironmentSecrets),
        clock: Arc::clone(&settings.clock),
    };
    let workbench = Arc::new(Workbench::open(config, parts)?);
    let parts = ForgeParts {
        store,
        clock: Arc::clone(&settings.clock),
        ids: Arc::clone(&settings.ids),
        workshop: Arc::clone(&workbench) as _,
        folder,
        base: base.to_owned(),
    };
    Ok((Forge::open(config, parts).await?, workbench))
}

/// The platform's own program is the launcher.
fn confined(config: &ForgeConfig) -> anyhow::Result<Confined> {
    let launcher = std::env::current_exe().context("the platform's own program is not known")?;
    Ok(Confined::open(&launcher, config.sandbox, config.slots))
}
