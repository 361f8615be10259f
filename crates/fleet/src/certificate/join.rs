//! Tokens by which devices join: each makes things whose names fit a pattern, so many of them, for a time.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use trunkline_model::{Event, Timestamp, catalogue};
use trunkline_proof::{Purpose, Secret};
use trunkline_store::outbox;
use utoipa::ToSchema;

use super::service::DAYS;
use super::{Issued, store};
use crate::store as things;
use crate::{Fleet, FleetError, NewThing};

/// How long a token may be good at the most.
const LONGEST: u64 = 90 * 86_400;
/// How many devices may join by one token at the most.
const MOST: u32 = 100_000;

/// A token by which devices join. Its secret is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JoinToken {
    /// What it is known by; it tells nothing of the secret.
    pub id: String,
    /// The name of the thing, or the beginning of its name and a `*`.
    #[schema(example = "pump-*")]
    pub pattern: String,
    /// What kind of thing joins.
    pub kind: String,
    /// How many may still join.
    pub uses: u32,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub ends: Timestamp,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A token that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJoinToken {
    /// The name of the thing, or the beginning of its name and a `*`.
    #[schema(example = "pump-*", max_length = 128)]
    pub pattern: String,
    /// What kind of thing joins.
    #[serde(default)]
    #[schema(max_length = 128)]
    pub kind: String,
    /// How many may join.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub uses: u32,
    /// For how many seconds it is good; at most 90 days.
    #[serde(default = "day")]
    #[schema(minimum = 1, maximum = 7_776_000)]
    pub seconds: u64,
}

const fn one() -> u32 {
    1
}

const fn day() -> u64 {
    86_400
}

impl JoinToken {
    fn fits(&self, thing: &str) -> bool {
        match self.pattern.strip_suffix('*') {
            Some(beginning) => thing.len() > beginning.len() && thing.starts_with(beginning),
            None => self.pattern == thing,
        }
    }
}

impl Fleet {
    /// Makes a token by which devices join; its secret is shown this once.
    ///
    /// # Errors
    /// [`FleetError::Invalid`] where the pattern, the number or the time is not one.
    pub async fn create_join_token(
        &self,
        wanted: NewJoinToken,
        by: &str,
    ) -> Result<(JoinToken, Secret), FleetError> {
        let beginning = wanted.pattern.strip_suffix('*').unwrap_or(&wanted.pattern);
        if !trunkline_twin::is_thing_name(beginning) {
            return Err(FleetError::Invalid(
                "a pattern is the name of a thing, or the beginning of one and a `*`".into(),
            ));
        }
        if !(1..=MOST).contains(&wanted.uses) || !(1..=LONGEST).contains(&wanted.seconds) {
            return Err(FleetError::Invalid(
                "a token is good for 1 to 100,000 devices and for at most 90 days".into(),
            ));
        }
        let now = self.clock.now();
        let ends = Duration::from_secs(wanted.seconds).as_micros();
        let ends = i64::try_from(ends).unwrap_or(i64::MAX);
        let secret = Purpose::Join.make(&*self.ids);
        let digest = Purpose::Join.digest(secret.reveal());
        let token = JoinToken {
            id: format!("join_{}", &digest.to_hex().as_str()[..16]),
            pattern: wanted.pattern,
            kind: wanted.kind,
            uses: wanted.uses,
            ends: Timestamp::from_micros(now.as_micros().saturating_add(ends)),
            created: now,
        };
        let mut transaction = self.store.begin().await?;
        store::put_token(transaction.connection(), &token, &digest).await?;
        let event = self.token_changed(&token, false, by)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok((token, secret))
    }

    /// The tokens that there are.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn join_tokens(&self) -> Result<Vec<JoinToken>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::tokens(&mut reader).await?)
    }

    /// Takes a token away; nobody joins by it any more.
    ///
    /// # Errors
    /// [`FleetError::JoinRefused`] where there is none of this id.
    pub async fn remove_join_token(&self, id: &str, by: &str) -> Result<(), FleetError> {
        let all = self.join_tokens().await?;
        let token = all
            .into_iter()
            .find(|token| token.id == id)
            .ok_or(FleetError::JoinRefused("there is no such token"))?;
        let mut transaction = self.store.begin().await?;
        store::remove_token(transaction.connection(), id).await?;
        let event = self.token_changed(&token, true, by)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(())
    }

    fn token_changed(
        &self,
        token: &JoinToken,
        removed: bool,
        by: &str,
    ) -> Result<Event, FleetError> {
        let data = json!({
            "token": token.id, "pattern": token.pattern, "uses": token.uses, "ends": token.ends, "removed": removed, "by": by,
        });
        let kind = catalogue::FLEET_JOIN_TOKEN_CHANGED;
        let now = self.clock.now();
        Ok(Event::platform(
            "fleet", kind, &token.id, now, &*self.ids, &data,
        )?)
    }

    /// Lets a device join that shows the secret of a token: the thing is made where there is none, and gets a certificate for its request.
    ///
    /// # Errors
    /// [`FleetError::JoinRefused`] where the token is not good for it; [`FleetError::Certificate`] where the request is not good.
    pub async fn join(
        self: &Arc<Self>,
        secret: &str,
        thing: &str,
        request: &str,
    ) -> Result<Issued, FleetError> {
        const REFUSED: FleetError =
            FleetError::JoinRefused("the token is not good, or not any more");
        if !Purpose::Join.is_well_formed(secret) {
            return Err(REFUSED);
        }
        let now = self.clock.now();
        let digest = Purpose::Join.digest(secret);
        let mut transaction = self.store.begin().await?;
        let used = store::use_token(transaction.connection(), &digest, now).await?;
        let token = used.ok_or(REFUSED)?;
        if !token.fits(thing) {
            // Not committed: the token is not used up by a mistyped name.
            return Err(FleetError::JoinRefused(
                "the token is for things of another name",
            ));
        }
        // Who has a token for many must not become one that is there.
        let there = things::thing(transaction.connection(), thing).await?;
        if there.is_some() && token.pattern != thing {
            return Err(FleetError::JoinRefused(
                "there is a device of this name already: it needs a token for its own name",
            ));
        }
        transaction.commit().await?;
        let wanted = NewThing {
            name: thing.to_owned(),
            kind: token.kind.clone(),
            ..NewThing::default()
        };
        if there.is_none() {
            self.create(wanted, &token.id).await?;
        }
        self.certify(thing, Some(request), DAYS, &token.id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_name_or_for_a_beginning() {
        let token = |pattern: &str| JoinToken {
            id: String::new(),
            pattern: pattern.into(),
            kind: String::new(),
            uses: 1,
            ends: Timestamp::from_micros(0),
            created: Timestamp::from_micros(0),
        };
        assert!(token("pump-7").fits("pump-7") && !token("pump-7").fits("pump-70"));
        assert!(token("pump-*").fits("pump-70") && !token("pump-*").fits("pump-"));
        assert!(!token("pump-*").fits("valve-1"));
    }
}
