//! Work on the control state of a data directory, beside the platform or without it.

use std::sync::Arc;

use trunkline_access::Access;
use trunkline_model::{RandomIds, SystemClock};
use trunkline_store::Store;

use crate::cli::Globals;
use crate::{Failure, Loaded};

/// The accounts and tokens of the data directory, which is made where there is none, and the configuration that holds for them.
pub(super) async fn open(globals: &Globals) -> Result<(Arc<Access>, Loaded), Failure> {
    let data = globals.data_dir()?;
    let loaded = globals.load(&[])?;
    if !data.path().exists() {
        globals.printer().say(&format!(
            "making the data directory {}",
            data.path().display()
        ));
    }
    data.create().map_err(|error| Failure::of(&error))?;
    let store = Store::open(&data.store(), &loaded.config.store)
        .await
        .map_err(|error| Failure::of(&error))?;
    let access = Access::open(
        store,
        Arc::new(SystemClock),
        Arc::new(RandomIds),
        &loaded.config.access,
    );
    Ok((access.await.map_err(|error| Failure::of(&error))?, loaded))
}

/// Whether a platform was named, so that it is asked rather than the data directory.
pub(super) fn is_remote(globals: &Globals) -> bool {
    globals.server.is_some()
}
