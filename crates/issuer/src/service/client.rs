//! Registering, changing and removing clients.

use std::sync::Arc;

use trunkline_model::{Principal, Timestamp, TypedId};

use super::issuer::Issuer;
use crate::IssuerError;
use crate::events::{ClientChanged, ClientCreated, ClientRemoved, SecretCreated, SecretRemoved};
use crate::model::{
    Client, ClientChange, ClientId, ClientKind, ClientSecret, ClientSettings, MAX_SECRETS,
};
use crate::secret::{Purpose, Secret};
use crate::store::client::{
    count_clients, count_secrets, insert_client, insert_secret, remove_client, remove_secret,
    update_client,
};
use crate::store::epoch::next_epoch;
use crate::store::grant::refuse_tokens;

/// Clients that a team may have.
const MAX_CLIENTS: usize = 500;

/// A client that was made; its secret is shown this once.
#[derive(Debug)]
pub struct CreatedClient {
    /// The client.
    pub client: Client,
    /// Its secret, where it can keep one.
    pub secret: Option<Secret>,
}

impl Issuer {
    /// All clients, the oldest first.
    #[must_use]
    pub fn clients(&self) -> Vec<Arc<Client>> {
        let mut clients: Vec<_> = self.known().clients.values().cloned().collect();
        clients.sort_by_key(|client| (client.created, client.id.ulid()));
        clients
    }

    /// Registers a client.
    ///
    /// # Errors
    /// [`IssuerError::ClientInvalid`] when it is not well-formed, [`IssuerError::TooMany`] when there are 500.
    pub async fn create_client(
        &self,
        kind: ClientKind,
        settings: ClientSettings,
        by: &Principal,
    ) -> Result<CreatedClient, IssuerError> {
        settings.check(kind)?;
        let now = self.now();
        let made = (kind == ClientKind::Confidential).then(|| self.new_secret(now));
        let (text, kept) = made.unzip();
        let client = Client {
            id: TypedId::new(self.ids.ulid(now)),
            kind,
            settings,
            created: now,
            created_by: by.id.clone(),
            secrets: kept.into_iter().collect(),
        };
        let mut transaction = self.store.begin().await?;
        if count_clients(transaction.connection()).await? >= MAX_CLIENTS {
            return Err(IssuerError::TooMany {
                what: "clients",
                limit: MAX_CLIENTS,
            });
        }
        insert_client(transaction.connection(), &client).await?;
        let payload = ClientCreated {
            client: client.id,
            name: &client.settings.name,
            kind,
            settings: &client.settings,
            by: &by.id,
        };
        self.record(&mut transaction, &client.id.to_string(), now, &payload)
            .await?;
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.reload().await?;
        Ok(CreatedClient {
            client,
            secret: text,
        })
    }

    /// Gives a client other settings; they hold from the next request on.
    ///
    /// # Errors
    /// [`IssuerError::ClientUnknown`] when there is none, [`IssuerError::ClientInvalid`] when it would not be well-formed.
    pub async fn change_client(
        &self,
        id: ClientId,
        change: ClientChange,
        by: &Principal,
    ) -> Result<Arc<Client>, IssuerError> {
        let old = self.find_client(id)?;
        let settings = old.settings.changed(change);
        settings.check(old.kind)?;
        let now = self.now();
        let mut transaction = self.store.begin().await?;
        if !update_client(transaction.connection(), id, &settings).await? {
            return Err(IssuerError::ClientUnknown);
        }
        let payload = ClientChanged {
            client: id,
            name: &settings.name,
            settings: &settings,
            by: &by.id,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.reload().await?;
        self.find_client(id)
    }

    /// Removes a client. What it was granted is worthless at once, but for services that check its tokens offline.
    ///
    /// # Errors
    /// [`IssuerError::ClientUnknown`] when there is none.
    pub async fn remove_client(&self, id: ClientId, by: &Principal) -> Result<(), IssuerError> {
        let old = self.find_client(id)?;
        let now = self.now();
        let mut transaction = self.store.begin().await?;
        if !remove_client(transaction.connection(), id).await? {
            return Err(IssuerError::ClientUnknown);
        }
        let until = now.plus_micros(self.access_life());
        refuse_tokens(transaction.connection(), &id.to_string(), until).await?;
        let payload = ClientRemoved {
            client: id,
            name: &old.settings.name,
            by: &by.id,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.reload().await
    }

    /// Gives a confidential client a second secret, so that the first can be exchanged without a pause.
    ///
    /// # Errors
    /// [`IssuerError::TooMany`] when it has two already, [`IssuerError::ClientInvalid`] when it cannot keep one.
    pub async fn create_secret(
        &self,
        id: ClientId,
        by: &Principal,
    ) -> Result<(ClientSecret, Secret), IssuerError> {
        let client = self.find_client(id)?;
        if client.kind == ClientKind::Public {
            return Err(IssuerError::ClientInvalid(
                "a public client cannot keep a secret".into(),
            ));
        }
        let now = self.now();
        let (text, secret) = self.new_secret(now);
        let mut transaction = self.store.begin().await?;
        if count_secrets(transaction.connection(), id).await? >= MAX_SECRETS {
            return Err(IssuerError::TooMany {
                what: "secrets of this client",
                limit: MAX_SECRETS,
            });
        }
        insert_secret(transaction.connection(), id, &secret).await?;
        let payload = SecretCreated {
            client: id,
            secret: &secret.id,
            by: &by.id,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.reload().await?;
        Ok((secret, text))
    }

    /// Removes a secret of a client; it is worthless at once.
    ///
    /// # Errors
    /// [`IssuerError::SecretUnknown`] when it has none with this id.
    pub async fn remove_secret(
        &self,
        id: ClientId,
        secret: &str,
        by: &Principal,
    ) -> Result<(), IssuerError> {
        self.find_client(id)?;
        let now = self.now();
        let mut transaction = self.store.begin().await?;
        if !remove_secret(transaction.connection(), id, secret).await? {
            return Err(IssuerError::SecretUnknown);
        }
        let payload = SecretRemoved {
            client: id,
            secret,
            by: &by.id,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.reload().await
    }

    fn find_client(&self, id: ClientId) -> Result<Arc<Client>, IssuerError> {
        self.known()
            .clients
            .get(&id)
            .cloned()
            .ok_or(IssuerError::ClientUnknown)
    }

    fn new_secret(&self, now: Timestamp) -> (Secret, ClientSecret) {
        let secret = Purpose::Client.make(&*self.ids);
        let kept = ClientSecret {
            id: format!("sec_{}", self.ids.ulid(now)),
            prefix: secret.prefix().into(),
            created: now,
            digest: Purpose::Client.digest(secret.reveal()),
        };
        (secret, kept)
    }
}
