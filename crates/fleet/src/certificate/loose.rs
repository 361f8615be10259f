//! Certificates that are made before anybody says whose they are, as AWS has it: nobody connects with one before it is given to a device.

use std::sync::Arc;

use tokio::sync::MutexGuard;
use trunkline_authority::Known;
use trunkline_store::{Transaction, outbox};

use super::service::Whose;
use super::{Certificate, CertificateStatus, DAYS, Issued, store};
use crate::fleet::to_the_end;
use crate::{Fleet, FleetError};

/// Certificates at the most that belong to nobody.
const LOOSE: i64 = 1_000;

impl Fleet {
    /// Makes a certificate that is no device's yet, active or inactive: for a request, or with a key that the platform makes too.
    ///
    /// # Errors
    /// [`FleetError::Certificate`] where the request is not good; [`FleetError::Full`] where too many belong to nobody.
    pub async fn certify_nobody(
        &self,
        request: Option<&str>,
        active: bool,
        by: &str,
    ) -> Result<Issued, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        if store::number_of_loose(&mut reader).await? >= LOOSE {
            let why = format!("{LOOSE} certificates belong to nobody, which is the most");
            return Err(FleetError::Full(why));
        }
        drop(reader);
        let status = match active {
            true => CertificateStatus::Active,
            false => CertificateStatus::Inactive,
        };
        self.issue(Whose::Nobody(status), request, DAYS, by).await
    }

    /// Gives a certificate to a thing, or takes it from whose it is; then whoever asks has to end its connections.
    ///
    /// # Errors
    /// [`FleetError`] where there is no such certificate or thing, where it is another's, and where the thing has too many.
    pub async fn give_certificate(
        self: &Arc<Self>,
        id: &str,
        thing: Option<&str>,
        by: &str,
    ) -> Result<(), FleetError> {
        let (fleet, id, by) = (Arc::clone(self), id.to_owned(), by.to_owned());
        let thing = thing.map(ToOwned::to_owned);
        to_the_end(async move { fleet.give_now(&id, thing.as_deref(), &by).await }).await
    }

    async fn give_now(&self, id: &str, thing: Option<&str>, by: &str) -> Result<(), FleetError> {
        let (_turn, mut transaction, mut certificate) = self.at_hand(id).await?;
        if certificate.thing.as_deref() == thing {
            return Ok(());
        }
        if let Some(thing) = thing {
            if certificate.thing.is_some() || certificate.claim.is_some() {
                return refused("it is another device's, or a claim");
            }
            if certificate.issuer.is_some() && self.name_in(id).await?.as_deref() != Some(thing) {
                return refused("its authority made it for a device of another name");
            }
            self.check_room(thing).await?;
        }
        if certificate.status == CertificateStatus::Pending {
            return refused("it waits for its device to be provisioned");
        }
        certificate.thing = thing.map(ToOwned::to_owned);
        store::update(transaction.connection(), &certificate).await?;
        outbox::put(&mut transaction, &self.changed(&certificate, by)?).await?;
        transaction.commit().await?;
        self.roll.put(&certificate);
        Ok(())
    }

    /// Forgets a certificate that is nobody's and not active; its event says that it is revoked.
    ///
    /// # Errors
    /// [`FleetError::CertificateUnknown`]; [`FleetError::Certificate`] where it is active or somebody's, and where another authority
    /// made it, which could introduce it again.
    pub async fn remove_certificate(
        self: &Arc<Self>,
        id: &str,
        by: &str,
    ) -> Result<(), FleetError> {
        let (fleet, id, by) = (Arc::clone(self), id.to_owned(), by.to_owned());
        to_the_end(async move { fleet.remove_certificate_now(&id, &by).await }).await
    }

    async fn remove_certificate_now(&self, id: &str, by: &str) -> Result<(), FleetError> {
        let (_turn, mut transaction, mut certificate) = self.at_hand(id).await?;
        let active = certificate.status == CertificateStatus::Active;
        if active || certificate.thing.is_some() || certificate.issuer.is_some() {
            return refused("it is active, a device's, or its authority could bring it back");
        }
        certificate.status = CertificateStatus::Revoked;
        store::remove(transaction.connection(), id).await?;
        outbox::put(&mut transaction, &self.changed(&certificate, by)?).await?;
        transaction.commit().await?;
        self.roll.forget_one(id);
        Ok(())
    }

    /// A certificate that is to be changed; nobody else changes one meanwhile.
    pub(super) async fn at_hand(
        &self,
        id: &str,
    ) -> Result<(MutexGuard<'_, ()>, Transaction, Certificate), FleetError> {
        let turn = self.roll.turn.lock().await;
        let mut transaction = self.store.begin().await?;
        let known = store::one(transaction.connection(), id).await?;
        let certificate = known.ok_or_else(|| FleetError::CertificateUnknown(id.into()))?;
        Ok((turn, transaction, certificate))
    }

    /// The common name in a certificate.
    async fn name_in(&self, id: &str) -> Result<Option<String>, FleetError> {
        let (_, pem) = self.certificate(id).await?;
        let known = Known::read(pem.as_bytes());
        Ok(known
            .map_err(|error| FleetError::Certificate(error.to_string()))?
            .common_name)
    }
}

fn refused<T>(why: &str) -> Result<T, FleetError> {
    Err(FleetError::Certificate(why.into()))
}
