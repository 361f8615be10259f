//! Making and rotating signing keys.

use serde::Serialize;
use trunkline_model::{Principal, Timestamp};
use utoipa::ToSchema;

use super::issuer::{DAY, Issuer};
use crate::IssuerError;
use crate::events::KeyCreated;
use crate::keys::{Key, LEAD, finished, next_start};
use crate::store::epoch::next_epoch;
use crate::store::key::{insert_key, keys, remove_key};

/// Longer than any token lives: access tokens and workload tokens have at most an hour.
const LONGEST_TOKEN: i64 = 2 * 3_600_000_000;

/// A signing key, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyInfo {
    /// The `kid` in the header of a token.
    pub id: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it begins to sign.
    #[schema(value_type = String, format = DateTime)]
    pub starts: Timestamp,
    /// Whether it signs now.
    pub signs: bool,
}

impl Issuer {
    /// The keys that are published, the oldest first.
    #[must_use]
    pub fn keys(&self) -> Vec<KeyInfo> {
        let ring = self.ring();
        let signing = ring.signing(self.now()).map(|key| &key.id);
        ring.keys()
            .iter()
            .map(|key| KeyInfo {
                id: key.id.clone(),
                created: key.created,
                starts: key.starts,
                signs: Some(&key.id) == signing,
            })
            .collect()
    }

    /// Makes the next key. It signs a day from now, when all who check tokens have it. After a theft (`compromised`) it signs at once
    /// and the old keys are worthless at once, and with them all tokens that are out.
    ///
    /// # Errors
    /// [`IssuerError`] when it could not be made or written.
    pub async fn rotate(&self, compromised: bool, by: &Principal) -> Result<(), IssuerError> {
        let now = self.now();
        let starts = if compromised {
            now
        } else {
            now.plus_micros(LEAD)
        };
        let mut transaction = self.store.begin().await?;
        let old = keys(transaction.connection()).await?;
        let key = Key::make(now, starts)?;
        let mut removed = Vec::new();
        for old in old.iter().filter(|old| compromised || old.starts > now) {
            remove_key(transaction.connection(), &old.id).await?;
            removed.push(old.id.as_str());
        }
        insert_key(transaction.connection(), &key).await?;
        let payload = KeyCreated {
            key: &key.id,
            starts,
            removed,
            by: &by.id,
        };
        self.record(&mut transaction, &key.id, now, &payload)
            .await?;
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.reload().await
    }

    /// Makes a key when it is time, and removes those that no living token was signed with.
    ///
    /// # Errors
    /// As [`Self::rotate`].
    pub async fn keep_keys(&self) -> Result<(), IssuerError> {
        let now = self.now();
        let life = i64::from(self.config.key_days) * DAY;
        let mut transaction = self.store.begin().await?;
        let old = keys(transaction.connection()).await?;
        let starts: Vec<_> = old.iter().map(|key| key.starts).collect();
        let (gone, next) = (
            finished(&starts, LONGEST_TOKEN, now),
            next_start(&starts, life, now),
        );
        if gone == 0 && next.is_none() {
            return Ok(());
        }
        for key in old.iter().take(gone) {
            remove_key(transaction.connection(), &key.id).await?;
        }
        if let Some(starts) = next {
            let key = Key::make(now, starts)?;
            insert_key(transaction.connection(), &key).await?;
            let payload = KeyCreated {
                key: &key.id,
                starts,
                removed: old.iter().take(gone).map(|key| key.id.as_str()).collect(),
                by: &Principal::platform().id,
            };
            self.record(&mut transaction, &key.id, now, &payload)
                .await?;
        }
        next_epoch(transaction.connection()).await?;
        transaction.commit().await?;
        self.reload().await
    }
}
