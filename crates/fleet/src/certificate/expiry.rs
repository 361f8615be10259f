//! Certificates that end, and those that nobody came for.

use serde_json::json;
use trunkline_model::{Event, catalogue};
use trunkline_store::outbox;

use super::store;
use crate::{Fleet, FleetError};

/// How long before its end a certificate is told of, in microseconds.
const SOON: i64 = 30 * DAY;

/// How long it is told of no more after that; a little less than the day after which it is looked for.
const AGAIN: i64 = DAY / 24 * 23;
const DAY: i64 = 86_400 * 1_000_000;

impl Fleet {
    /// Active certificates whose time is over: their connections have to end.
    #[must_use]
    pub fn ended_certificates(&self) -> Vec<String> {
        self.roll.ended(self.clock.now())
    }

    /// Tells which certificates end soon, each once a day, and forgets those that nobody came for. To be called once a day at least.
    ///
    /// # Errors
    /// [`FleetError::Store`] when the tables cannot be used.
    pub async fn look_after_certificates(&self) -> Result<(), FleetError> {
        let now = self.clock.now();
        let (soon, told) = (now.plus_micros(SOON), now.plus_micros(-AGAIN));
        let mut transaction = self.store.begin().await?;
        let ending = store::tell_of_ending(transaction.connection(), (now, soon), told).await?;
        for certificate in ending {
            let data = json!({
                "certificate": certificate.id, "thing": certificate.thing, "not_after": certificate.not_after,
            });
            let kind = catalogue::FLEET_CERTIFICATE_EXPIRING;
            let subject = certificate.thing.as_deref().unwrap_or(&certificate.id);
            let event = Event::platform("fleet", kind, subject, now, &*self.ids, &data)?;
            outbox::put(&mut transaction, &event).await?;
        }
        let abandoned = store::remove_abandoned(transaction.connection(), now).await?;
        transaction.commit().await?;
        for id in abandoned {
            self.roll.forget_one(&id);
        }
        Ok(())
    }
}
