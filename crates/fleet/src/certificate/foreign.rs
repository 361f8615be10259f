//! Authorities that a team brings along: devices with their certificates join by connecting.

use std::sync::Arc;

use serde_json::{Value, json};
use trunkline_authority::{ForeignAuthority, Known, Registered as _, Standing, certificate_pem};
use trunkline_model::{Event, catalogue};
use trunkline_store::{StoreError, outbox};

use super::{Certificate, CertificateStatus, store};
use crate::{Fleet, FleetError, NewThing};

/// An authority whose certificates are let in though the registry does not have them.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) der: Vec<u8>,
    pub(crate) known: Known,
}

impl Foreign {
    fn of(authority: &ForeignAuthority) -> Self {
        let known = authority.known().clone();
        Self {
            id: known.id.clone(),
            subject: known.subject.clone(),
            der: authority.der().to_vec(),
            known,
        }
    }
}

/// Who a device is that was let in by its authority: the name in its certificate.
const WHO: &str = "its certificate";
/// The attribute that says which authority introduced a thing.
pub(crate) const INTRODUCED_BY: &str = "introducedBy";

impl Fleet {
    /// What a verification certificate of another authority has to be called, as a proof that whoever registers it has its key.
    #[must_use]
    pub fn registration_code(&self) -> String {
        // The same for the life of the authority, and nobody else's: the id of its root.
        let known = Known::read(self.authority.root_pem().as_bytes());
        known.map_or_else(|_| String::new(), |known| known.id)
    }

    /// Registers an authority; devices with certificates that it signed join by connecting. `verification` is a certificate that it signed
    /// for the registration code.
    ///
    /// # Errors
    /// [`FleetError::Certificate`] where it is none, or where its key was not proved.
    pub async fn add_authority(
        &self,
        pem: &str,
        verification: &str,
        by: &str,
    ) -> Result<Known, FleetError> {
        let now = self.clock.now();
        let authority = ForeignAuthority::read(pem.as_bytes(), now)
            .map_err(|error| FleetError::Certificate(error.to_string()))?;
        authority
            .prove(verification.as_bytes(), &self.registration_code(), now)
            .map_err(|error| FleetError::Certificate(error.to_string()))?;
        let foreign = Foreign::of(&authority);
        let mut transaction = self.store.begin().await?;
        if !store::put_foreign(transaction.connection(), &foreign.id, pem, now).await? {
            return Err(FleetError::Certificate(
                "this authority is registered already".into(),
            ));
        }
        let data = json!({
            "authority": foreign.id, "subject": foreign.subject, "not_after": foreign.known.not_after, "by": by,
        });
        let kind = catalogue::FLEET_AUTHORITY_ADDED;
        let event = Event::platform("fleet", kind, &foreign.id, now, &*self.ids, &data)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.load_foreign().await?;
        Ok(foreign.known)
    }

    /// Takes an authority away. Devices that joined by it stay; no others do.
    ///
    /// # Errors
    /// [`FleetError::CertificateUnknown`] where there is none of this id.
    pub async fn remove_authority(&self, id: &str, by: &str) -> Result<(), FleetError> {
        let mut transaction = self.store.begin().await?;
        if !store::remove_foreign(transaction.connection(), id).await? {
            return Err(FleetError::CertificateUnknown(id.into()));
        }
        let data = json!({"authority": id, "by": by});
        let kind = catalogue::FLEET_AUTHORITY_REMOVED;
        let event = Event::platform("fleet", kind, id, self.clock.now(), &*self.ids, &data)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.load_foreign().await
    }

    /// The registered authorities.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn authorities(&self) -> Result<Vec<Known>, FleetError> {
        Ok(self
            .read_foreign()
            .await?
            .into_iter()
            .map(|foreign| foreign.known)
            .collect())
    }

    async fn read_foreign(&self) -> Result<Vec<Foreign>, StoreError> {
        let mut reader = self.store.readers().acquire().await?;
        let now = self.clock.now();
        let texts = store::foreign(&mut reader).await?;
        // One that has ended introduces nobody.
        let read = |text: &String| ForeignAuthority::read(text.as_bytes(), now).ok();
        Ok(texts
            .iter()
            .filter_map(read)
            .map(|authority| Foreign::of(&authority))
            .collect())
    }

    pub(crate) async fn load_foreign(&self) -> Result<(), FleetError> {
        let foreign = self.read_foreign().await?;
        self.roll.set_foreign(foreign);
        Ok(())
    }

    /// Registers the device that shows a certificate which another authority signed; the handshake has verified that it did. The thing's
    /// name is the common name.
    ///
    /// # Errors
    /// [`FleetError`] where no registered authority introduces it, or its name is not one.
    pub async fn introduce(self: &Arc<Self>, der: &[u8]) -> Result<(), FleetError> {
        let known = Known::read(der).map_err(|error| FleetError::Certificate(error.to_string()))?;
        if self.roll.state(&known.id, der) != Standing::Unknown {
            let why = "it is registered, and given to no device".into();
            return Err(FleetError::Certificate(why));
        }
        let introducer = self
            .roll
            .introducer(&known)
            .ok_or_else(|| FleetError::Certificate("no registered authority signed it".into()))?;
        let name = known.common_name.clone().ok_or_else(|| {
            FleetError::Certificate("it has no common name to call the device by".into())
        })?;
        let mut wanted = NewThing {
            name: name.clone(),
            ..NewThing::default()
        };
        // Broken off after the thing was made, it is still known whose it is.
        let by = introducer.id.as_str();
        wanted.attributes.insert(INTRODUCED_BY.into(), by.into());
        match self.create(wanted, WHO).await {
            Ok(_) => {}
            // An authority renews what it introduced, and takes nobody else's name.
            Err(FleetError::ThingExists(_)) => {
                let there = self.certificates(Some(&name)).await?;
                let ours =
                    |certificate: &Certificate| certificate.issuer.as_ref() == Some(&introducer.id);
                let thing = self.thing(&name).await?;
                let made = thing.attributes.get(INTRODUCED_BY).and_then(Value::as_str) == Some(by);
                if !made && !there.iter().any(ours) {
                    return Err(FleetError::ThingExists(name));
                }
            }
            Err(error) => return Err(error),
        }
        let certificate = Certificate {
            id: known.id.clone(),
            thing: Some(name),
            claim: None,
            issuer: Some(introducer.id),
            status: CertificateStatus::Active,
            serial: known.serial,
            not_before: known.not_before,
            not_after: known.not_after,
            created: self.clock.now(),
        };
        let pem = certificate_pem(der);
        self.register(&certificate, &pem, None, WHO).await
    }
}
