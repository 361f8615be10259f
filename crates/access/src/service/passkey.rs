//! Passkeys: adding them and signing in with one. No name is asked: the passkey says whose it is.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use trunkline_model::Ulid;
use trunkline_web::ClientAddress;
use url::{Host, Url};
use webauthn_rs::prelude::{
    DiscoverableKey, Passkey, PublicKeyCredential, RegisterPublicKeyCredential, Uuid, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::Access;
use super::ceremony::Ceremony;
use crate::events::{PasskeyAdded, PasskeyRefused, PasskeyRemoved};
use crate::store::{
    PasskeyRow, credential_ids, find_account, find_passkey, insert_passkey, passkeys,
    remove_passkey, use_passkey,
};
use crate::{AccessError, AccountId, NewSession, PasskeyEntry, PasskeyId};
use trunkline_proof::{Purpose, check_name};

/// Passkeys that a person may have.
const MAX_PASSKEYS: usize = 32;

/// The first half of a ceremony, for the browser.
#[derive(Debug)]
pub struct Challenge {
    /// The key under which the second half is sent.
    pub challenge: String,
    /// What the browser's API takes as `publicKey`.
    pub options: Value,
}

impl Access {
    /// Begins to add a passkey to the person `id`, whose browser is at `base`, such as `http://localhost:7070`.
    ///
    /// # Errors
    /// [`AccessError::PasskeyHost`] where no passkey can belong to that address, [`AccessError::TooMany`], [`AccessError::RateLimited`].
    pub async fn begin_passkey(
        &self,
        id: AccountId,
        base: &str,
        client: ClientAddress,
    ) -> Result<Challenge, AccessError> {
        let host = host(base)?;
        self.may_begin(client)?;
        let row = self.active_account(id).await?;
        let known = {
            let mut reader = self.store.readers().acquire().await?;
            credential_ids(&mut reader, id).await?
        };
        if known.len() >= MAX_PASSKEYS {
            return Err(AccessError::TooMany("passkeys"));
        }
        let label = row.account.email.as_deref().unwrap_or(&row.account.name);
        let (options, state) = host
            .start_passkey_registration(handle(id), label, &row.account.name, Some(known))
            .map_err(refused)?;
        let mut options = json(&options.public_key)?;
        // Signing in asks for no name, so the passkey itself must know whose it is.
        if let Some(selection) = options.get_mut("authenticatorSelection") {
            selection["residentKey"] = "required".into();
            selection["requireResidentKey"] = true.into();
        }
        let ceremony = Ceremony::Add {
            account: id,
            host,
            state: Box::new(state),
        };
        Ok(self.wait_for(ceremony, options))
    }

    /// Adds the passkey that the browser made.
    ///
    /// # Errors
    /// [`AccessError::CeremonyUnknown`], [`AccessError::PasskeyRefused`], [`AccessError::NameInvalid`].
    pub async fn finish_passkey(
        &self,
        id: AccountId,
        challenge: &str,
        name: &str,
        credential: Value,
    ) -> Result<PasskeyEntry, AccessError> {
        check_name(name)?;
        let Some(Ceremony::Add {
            account,
            host,
            state,
        }) = self.ceremonies.waiting.take(challenge, Instant::now())
        else {
            return Err(AccessError::CeremonyUnknown);
        };
        if account != id {
            return Err(AccessError::CeremonyUnknown);
        }
        let credential: RegisterPublicKeyCredential =
            serde_json::from_value(credential).map_err(unreadable)?;
        let passkey = host
            .finish_passkey_registration(&credential, &state)
            .map_err(refused)?;
        let now = self.clock.now();
        let row = PasskeyRow {
            id: self.new_id(now),
            account: id,
            credential: json(&passkey)?.to_string(),
        };
        let entry = PasskeyEntry {
            id: row.id,
            name: name.into(),
            created: now,
            last_used: None,
        };
        let mut transaction = self.store.begin().await?;
        if !insert_passkey(transaction.connection(), &row, passkey.cred_id(), &entry).await? {
            return Err(AccessError::PasskeyRefused(None));
        }
        let payload = PasskeyAdded {
            account: id,
            passkey: row.id,
            name,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        transaction.commit().await?;
        Ok(entry)
    }

    /// The passkeys of a person, the oldest first.
    ///
    /// # Errors
    /// [`AccessError::Store`] when they cannot be read.
    pub async fn passkeys(&self, id: AccountId) -> Result<Vec<PasskeyEntry>, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(passkeys(&mut reader, id).await?)
    }

    /// Removes a passkey of a person.
    ///
    /// # Errors
    /// [`AccessError::PasskeyUnknown`] when it has none with this id.
    pub async fn remove_passkey(
        &self,
        id: AccountId,
        passkey: PasskeyId,
    ) -> Result<(), AccessError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        if !remove_passkey(transaction.connection(), id, passkey).await? {
            return Err(AccessError::PasskeyUnknown);
        }
        let payload = PasskeyRemoved {
            account: id,
            passkey,
        };
        self.record(&mut transaction, &id.to_string(), now, &payload)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Begins to sign in with a passkey.
    ///
    /// # Errors
    /// [`AccessError::PasskeyHost`], [`AccessError::RateLimited`].
    pub fn begin_passkey_sign_in(
        &self,
        base: &str,
        client: ClientAddress,
    ) -> Result<Challenge, AccessError> {
        let host = host(base)?;
        self.may_begin(client)?;
        let (options, state) = host.start_discoverable_authentication().map_err(refused)?;
        let options = json(&options.public_key)?;
        let ceremony = Ceremony::SignIn {
            host,
            state: Box::new(state),
        };
        Ok(self.wait_for(ceremony, options))
    }

    /// Begins a session of whoever the passkey belongs to.
    ///
    /// # Errors
    /// [`AccessError::CeremonyUnknown`], [`AccessError::PasskeyRefused`], [`AccessError::RateLimited`].
    pub async fn sign_in_with_passkey(
        &self,
        challenge: &str,
        credential: Value,
        client: ClientAddress,
    ) -> Result<NewSession, AccessError> {
        let now = Instant::now();
        self.failures
            .check(&client.rate_key(), now)
            .map_err(|retry_after| AccessError::RateLimited { retry_after })?;
        let Some(Ceremony::SignIn { host, state }) = self.ceremonies.waiting.take(challenge, now)
        else {
            return Err(AccessError::CeremonyUnknown);
        };
        let mut account = None;
        let begun = self
            .check_passkey(&host, *state, credential, client, &mut account)
            .await;
        if matches!(begun, Err(AccessError::PasskeyRefused(_))) {
            self.failures.charge(&client.rate_key(), 1, now);
            self.tell_failure(client, "passkey", account).await?;
        }
        begun
    }

    /// `owner` becomes whose passkey it claims to be, whether or not it is accepted.
    async fn check_passkey(
        &self,
        host: &Webauthn,
        state: webauthn_rs::prelude::DiscoverableAuthentication,
        credential: Value,
        client: ClientAddress,
        owner: &mut Option<AccountId>,
    ) -> Result<NewSession, AccessError> {
        let credential: PublicKeyCredential =
            serde_json::from_value(credential).map_err(unreadable)?;
        let (user, credential_id) = host
            .identify_discoverable_authentication(&credential)
            .map_err(refused)?;
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let row = find_passkey(transaction.connection(), credential_id)
            .await?
            .filter(|row| handle(row.account) == user)
            .ok_or(AccessError::PasskeyRefused(None))?;
        *owner = Some(row.account);
        let mut passkey: Passkey = serde_json::from_str(&row.credential).map_err(unreadable)?;
        let key = DiscoverableKey::from(&passkey);
        let result = match host.finish_discoverable_authentication_v2(&credential, state, &key) {
            Ok(result) => result,
            Err(WebauthnError::CredentialPossibleCompromise) => {
                let payload = PasskeyRefused {
                    account: row.account,
                    passkey: row.id,
                };
                let subject = row.account.to_string();
                self.record(&mut transaction, &subject, now, &payload)
                    .await?;
                transaction.commit().await?;
                return Err(refused(WebauthnError::CredentialPossibleCompromise));
            }
            Err(error) => return Err(refused(error)),
        };
        if !result.user_verified() {
            return Err(AccessError::PasskeyRefused(None));
        }
        let account = find_account(transaction.connection(), row.account)
            .await?
            .map(|row| row.account)
            .filter(|account| !account.disabled)
            .ok_or(AccessError::PasskeyRefused(None))?;
        passkey.update_credential(&result);
        let changed = json(&passkey)?.to_string();
        use_passkey(transaction.connection(), row.id, &changed, now).await?;
        let session = self
            .begin_account_session(&mut transaction, &account, "passkey", client, now)
            .await?;
        transaction.commit().await?;
        Ok(session)
    }

    /// Nothing where `client` may begin one more ceremony.
    pub(super) fn may_begin(&self, client: ClientAddress) -> Result<(), AccessError> {
        self.ceremonies
            .starts
            .take(&client.rate_key(), 1, Instant::now())
            .map_err(|retry_after| AccessError::RateLimited { retry_after })
    }

    fn wait_for(&self, ceremony: Ceremony, options: Value) -> Challenge {
        let key = Purpose::Browser.make(&*self.ids).reveal().to_owned();
        self.ceremonies
            .waiting
            .put(key.clone(), ceremony, Instant::now());
        Challenge {
            challenge: key,
            options,
        }
    }
}

/// The host to which a passkey belongs when people reach the platform at `base`.
fn host(base: &str) -> Result<Arc<Webauthn>, AccessError> {
    let elsewhere = || {
        AccessError::PasskeyHost(
            "the platform at a host name over HTTPS, or at http://localhost".into(),
        )
    };
    let url = Url::parse(base).map_err(|_| elsewhere())?;
    let name = match url.host() {
        Some(Host::Domain(name)) if url.scheme() == "https" || name == "localhost" => name,
        Some(Host::Domain(_)) | None => return Err(elsewhere()),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => {
            let port = url.port().map_or(String::new(), |port| format!(":{port}"));
            return Err(AccessError::PasskeyHost(format!("http://localhost{port}")));
        }
    };
    let built =
        WebauthnBuilder::new(name, &url).and_then(|builder| builder.rp_name("Trunkline").build());
    built.map(Arc::new).map_err(refused)
}

/// The bytes by which a passkey knows its account.
fn handle(id: AccountId) -> Uuid {
    let Ulid(number) = id.ulid();
    Uuid::from_u128(number)
}

fn refused(error: WebauthnError) -> AccessError {
    AccessError::PasskeyRefused(Some(Box::new(error)))
}

fn unreadable(error: serde_json::Error) -> AccessError {
    AccessError::PasskeyRefused(Some(Box::new(error)))
}

fn json(value: &impl serde::Serialize) -> Result<Value, AccessError> {
    serde_json::to_value(value).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_belongs_to_localhost_or_to_a_name_over_https() {
        for good in [
            "http://localhost:7070",
            "https://trunkline.example.com",
            "https://localhost",
        ] {
            assert!(host(good).is_ok(), "{good}");
        }
        for (bad, hint) in [
            ("http://127.0.0.1:7070", "http://localhost:7070"),
            ("http://[::1]:7071", "http://localhost:7071"),
            ("https://10.0.0.7", "http://localhost"),
            ("http://trunkline.example.com", "HTTPS"),
            ("http://localhost.evil.example", "HTTPS"),
            ("", "HTTPS"),
        ] {
            match host(bad) {
                Err(AccessError::PasskeyHost(text)) => {
                    assert!(text.contains(hint), "{bad}: {text}");
                }
                other => panic!("{bad}: {other:?}"),
            }
        }
    }
}
