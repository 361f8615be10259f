//! Reading what is kept in memory.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::issuer::{Issuer, Known};
use crate::IssuerError;
use crate::keys::KeyRing;
use crate::model::{Client, ClientKind, origin};
use crate::store::client::clients;
use crate::store::epoch::epoch;
use crate::store::grant::refused_ids;
use crate::store::key::keys;

impl Issuer {
    /// Reads the tables again if anybody changed them.
    ///
    /// # Errors
    /// [`IssuerError::Store`] when they cannot be read; what was known stays.
    pub async fn refresh(&self) -> Result<(), IssuerError> {
        if epoch(self.store.readers()).await? == self.epoch.load(Ordering::Acquire) {
            return Ok(());
        }
        self.reload().await
    }

    /// Reads the tables again.
    pub(super) async fn reload(&self) -> Result<(), IssuerError> {
        let _turn = self.reloading.lock().await;
        // The count comes first: a change in between is then read once more, never missed.
        let epoch = epoch(self.store.readers()).await?;
        let clients = clients(self.store.readers()).await?;
        let refused = refused_ids(self.store.readers(), self.now()).await?;
        let mut reader = self.store.readers().acquire().await?;
        let keys = keys(&mut reader).await?;
        let known = Known {
            origins: page_origins(&clients),
            clients: clients
                .into_iter()
                .map(|it| (it.id, Arc::new(it)))
                .collect(),
            refused: refused.into_iter().collect(),
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        let ring = self.ring();
        if !ring.has_same(&keys) {
            let ring = KeyRing::new(keys, ring.version() + 1);
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        }
        self.epoch.store(epoch, Ordering::Release);
        Ok(())
    }
}

fn page_origins(clients: &[Client]) -> HashSet<String> {
    clients
        .iter()
        .filter(|client| client.kind == ClientKind::Public)
        .flat_map(|client| &client.settings.redirect_uris)
        .filter_map(|uri| origin(uri))
        .collect()
}
