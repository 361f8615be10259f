//! Certificates that end, and those that nobody came for.

use std::time::Duration;

use serde_json::json;
use trunkline_model::{Event, catalogue};
use trunkline_store::outbox;

use super::{CertificateStatus, store};
use crate::{Fleet, FleetError};

/// How long before its end a certificate is told of.
const SOON: Duration = Duration::from_secs(30 * 86_400);

impl Fleet {
    /// Active certificates whose time is over: their connections have to end.
    #[must_use]
    pub fn ended_certificates(&self) -> Vec<String> {
        self.roll.ended(self.clock.now())
    }

    /// Tells which certificates end soon, and forgets those that nobody came for. To be called once a day.
    ///
    /// # Errors
    /// [`FleetError::Store`] when the tables cannot be used.
    pub async fn look_after_certificates(&self) -> Result<(), FleetError> {
        let now = self.clock.now();
        let soon = i64::try_from(SOON.as_micros()).unwrap_or(i64::MAX);
        let soon = now.as_micros().saturating_add(soon);
        let all = self.certificates(None).await?;
        let ending = all.iter().filter(|certificate| {
            certificate.status == CertificateStatus::Active
                && certificate.not_after > now
                && certificate.not_after.as_micros() <= soon
        });
        let mut transaction = self.store.begin().await?;
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
