//! Making certificates, and taking them back.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use trunkline_authority::{Authority, AuthorityError, IssuedCertificate, Registered};
use trunkline_model::{Event, Timestamp, catalogue};
use trunkline_store::outbox;

use super::{Certificate, CertificateStatus, Holder, Issued, store};
use crate::fleet::to_the_end;
use crate::{Fleet, FleetError};

/// The longest common name that a certificate can have.
const COMMON_NAME: usize = 64;
/// Days that a certificate is good for where nobody says otherwise.
pub(crate) const DAYS: u32 = 365;
/// Certificates of one thing that are not revoked: the one in use, and the next.
const PER_THING: usize = 10;

/// What its owner has to show, and until when.
pub(super) type Ownership<'a> = store::Ownership<'a>;

/// Whose a new certificate is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose<'a> {
    Thing(&'a str),
    Claim(&'a str),
    /// Nobody's yet: it waits for whoever shows this.
    Waiting(Ownership<'a>),
    /// Nobody's until somebody says whose.
    Nobody(CertificateStatus),
}

impl Fleet {
    /// The authority that signs the certificates of devices, and of the broker.
    #[must_use]
    pub const fn authority(&self) -> &Arc<Authority> {
        &self.authority
    }

    /// The registry of certificates, for handshakes.
    #[must_use]
    pub fn registered(&self) -> Arc<dyn Registered> {
        Arc::clone(&self.roll) as _
    }

    /// Who may connect by showing the certificate of this id now.
    #[must_use]
    pub fn holder(&self, id: &str) -> Option<Holder> {
        self.roll.holder(id, self.clock.now())
    }

    /// Makes a certificate for a thing: for its request, or with a key that the platform makes too.
    ///
    /// # Errors
    /// [`FleetError::ThingUnknown`], or [`FleetError::Certificate`] where the request is not good or there are too many.
    pub async fn certify(
        &self,
        thing: &str,
        request: Option<&str>,
        days: u32,
        by: &str,
    ) -> Result<Issued, FleetError> {
        self.check_room(thing).await?;
        self.issue(Whose::Thing(thing), request, days, by).await
    }

    /// Whether a thing may have another certificate.
    pub(super) async fn check_room(&self, thing: &str) -> Result<(), FleetError> {
        self.thing(thing).await?;
        let there = self.certificates(Some(thing)).await?;
        let good = there
            .iter()
            .filter(|certificate| certificate.status != CertificateStatus::Revoked)
            .count();
        if good >= PER_THING {
            return Err(FleetError::Certificate(format!(
                "the device has {PER_THING} certificates that are not revoked"
            )));
        }
        Ok(())
    }

    /// Makes and registers a certificate.
    pub(crate) async fn issue(
        &self,
        whose: Whose<'_>,
        request: Option<&str>,
        days: u32,
        by: &str,
    ) -> Result<Issued, FleetError> {
        let now = self.clock.now();
        let active = CertificateStatus::Active;
        let (thing, claim, ownership, status) = match whose {
            Whose::Thing(thing) => (Some(thing.to_owned()), None, None, active),
            Whose::Claim(template) => (None, Some(template.to_owned()), None, active),
            Whose::Waiting(ownership) => (None, None, Some(ownership), CertificateStatus::Pending),
            Whose::Nobody(status) => (None, None, None, status),
        };
        let name = thing.as_deref().or(claim.as_deref()).unwrap_or("pending");
        let name = name.get(..COMMON_NAME).unwrap_or(name);
        let validity = Duration::from_secs(u64::from(days) * 86_400);
        let authority = &self.authority;
        let (made, private_key, public_key) = match request {
            Some(request) => {
                let made =
                    authority.sign_csr(request.as_bytes(), name, validity, now, &*self.ids)?;
                (made, None, None)
            }
            None => {
                let made = authority.issue_with_key(name, validity, now, &*self.ids)?;
                let keys = (Some(made.private_key), Some(made.public_key));
                (made.certificate, keys.0, keys.1)
            }
        };
        let certificate = entry(&made, (thing, claim), status, now);
        self.register(&certificate, &made.pem, ownership, by)
            .await?;
        Ok(Issued {
            certificate,
            pem: made.pem,
            private_key,
            public_key,
        })
    }

    /// Registers a certificate.
    pub(crate) async fn register(
        &self,
        certificate: &Certificate,
        pem: &str,
        ownership: Option<Ownership<'_>>,
        by: &str,
    ) -> Result<(), FleetError> {
        let _turn = self.roll.turn.lock().await;
        let mut transaction = self.store.begin().await?;
        let new = store::insert(transaction.connection(), certificate, pem, ownership).await?;
        if !new {
            return Err(FleetError::Certificate(
                "this certificate is registered already".into(),
            ));
        }
        let event = self.changed(certificate, by)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.roll.put(certificate);
        Ok(())
    }

    pub(crate) fn changed(&self, certificate: &Certificate, by: &str) -> Result<Event, FleetError> {
        let data = json!({
            "certificate": certificate.id, "thing": certificate.thing, "status": certificate.status, "claim": certificate.claim,
            "not_after": certificate.not_after, "by": by,
        });
        let kind = catalogue::FLEET_CERTIFICATE_CHANGED;
        let subject = certificate.thing.as_deref().unwrap_or(&certificate.id);
        let now = self.clock.now();
        Ok(Event::platform(
            "fleet", kind, subject, now, &*self.ids, &data,
        )?)
    }

    /// All certificates, or those of one thing.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn certificates(&self, thing: Option<&str>) -> Result<Vec<Certificate>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::all(&mut reader, thing).await?)
    }

    /// One certificate, with its text.
    ///
    /// # Errors
    /// [`FleetError::CertificateUnknown`] where there is none of this id.
    pub async fn certificate(&self, id: &str) -> Result<(Certificate, String), FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        let unknown = || FleetError::CertificateUnknown(id.into());
        let certificate = store::one(&mut reader, id).await?.ok_or_else(unknown)?;
        let pem = store::pem(&mut reader, id).await?.ok_or_else(unknown)?;
        Ok((certificate, pem))
    }

    /// Switches a certificate on or off, or takes it back for good. Its connections have to be ended by whoever asks.
    ///
    /// # Errors
    /// [`FleetError::CertificateUnknown`]; [`FleetError::Certificate`] for one that is revoked, or that nobody owns.
    pub async fn set_status(
        self: &Arc<Self>,
        id: &str,
        status: CertificateStatus,
        by: &str,
    ) -> Result<Certificate, FleetError> {
        let (fleet, id, by) = (Arc::clone(self), id.to_owned(), by.to_owned());
        to_the_end(async move { fleet.set_status_now(&id, status, &by).await }).await
    }

    async fn set_status_now(
        &self,
        id: &str,
        status: CertificateStatus,
        by: &str,
    ) -> Result<Certificate, FleetError> {
        let refused = |why: &str| Err(FleetError::Certificate(why.into()));
        let (_turn, mut transaction, mut certificate) = self.at_hand(id).await?;
        if certificate.status == status {
            return Ok(certificate);
        }
        if certificate.status == CertificateStatus::Revoked {
            return refused("it is revoked for good; make another");
        }
        if status == CertificateStatus::Pending {
            return refused("only a certificate that was never active is pending");
        }
        if certificate.status == CertificateStatus::Pending {
            return refused("nobody owns it yet: it becomes active when its device is provisioned");
        }
        certificate.status = status;
        store::update(transaction.connection(), &certificate).await?;
        let event = self.changed(&certificate, by)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.roll.put(&certificate);
        Ok(certificate)
    }
}

fn entry(
    made: &IssuedCertificate,
    (thing, claim): (Option<String>, Option<String>),
    status: CertificateStatus,
    now: Timestamp,
) -> Certificate {
    Certificate {
        id: made.known.id.clone(),
        thing,
        claim,
        issuer: None,
        status,
        serial: made.known.serial.clone(),
        not_before: made.known.not_before,
        not_after: made.known.not_after,
        created: now,
    }
}

impl From<AuthorityError> for FleetError {
    fn from(error: AuthorityError) -> Self {
        Self::Certificate(error.to_string())
    }
}
