//! The registered certificates in memory, for handshakes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;
use trunkline_authority::{Known, Registered, Standing};
use trunkline_model::Timestamp;

use super::{Certificate, CertificateStatus, Foreign, Holder};

/// What a handshake has to know of a certificate.
#[derive(Clone, Debug)]
struct Entry {
    holder: Option<Holder>,
    status: CertificateStatus,
    ends: Timestamp,
}

/// All registered certificates by their ids, and the authorities that may introduce others.
#[derive(Debug, Default)]
pub(crate) struct Roll {
    entries: RwLock<HashMap<Box<str>, Entry>>,
    foreign: RwLock<Vec<Foreign>>,
    /// Held while a certificate is changed, so that the roll and the table change in the same order.
    pub(crate) turn: Mutex<()>,
}

impl Roll {
    pub(crate) fn put(&self, certificate: &Certificate) {
        let holder = match (&certificate.thing, &certificate.claim) {
            (Some(thing), _) => Some(Holder::Thing(Arc::from(thing.as_str()))),
            (None, Some(template)) => Some(Holder::Claim(Arc::from(template.as_str()))),
            (None, None) => None,
        };
        let entry = Entry {
            holder,
            status: certificate.status,
            ends: certificate.not_after,
        };
        self.entries
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(certificate.id.as_str().into(), entry);
    }

    pub(crate) fn set_foreign(&self, foreign: Vec<Foreign>) {
        *self.foreign.write().unwrap_or_else(PoisonError::into_inner) = foreign;
    }

    /// Forgets the certificates of a thing; their ids.
    pub(crate) fn forget(&self, thing: &str) -> Vec<String> {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let of_thing =
            |entry: &Entry| matches!(&entry.holder, Some(Holder::Thing(name)) if **name == *thing);
        let ids = entries
            .iter()
            .filter(|(_, entry)| of_thing(entry))
            .map(|(id, _)| id.to_string())
            .collect();
        entries.retain(|_, entry| !of_thing(entry));
        ids
    }

    /// Forgets one certificate.
    pub(crate) fn forget_one(&self, id: &str) {
        self.entries
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
    }

    /// Who may connect by showing this certificate now.
    pub(crate) fn holder(&self, id: &str, now: Timestamp) -> Option<Holder> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(id)?;
        let good = entry.status == CertificateStatus::Active && now < entry.ends;
        entry.holder.clone().filter(|_| good)
    }

    /// Active certificates whose time is over.
    pub(crate) fn ended(&self, now: Timestamp) -> Vec<String> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries
            .iter()
            .filter(|(_, entry)| entry.status == CertificateStatus::Active && entry.ends <= now)
            .map(|(id, _)| id.to_string())
            .collect()
    }

    /// The authority that introduces the certificate with these DER bytes.
    pub(crate) fn introducer(&self, known: &Known) -> Option<Foreign> {
        let foreign = self.foreign.read().unwrap_or_else(PoisonError::into_inner);
        foreign
            .iter()
            .find(|foreign| foreign.subject == known.issuer)
            .cloned()
    }
}

impl Registered for Roll {
    fn state(&self, certificate_id: &str, _: &[u8]) -> Standing {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(certificate_id)
            .map_or(Standing::Unknown, |entry| entry.status.standing())
    }

    fn introducers(&self, unknown: &Known) -> Vec<Vec<u8>> {
        let foreign = self.foreign.read().unwrap_or_else(PoisonError::into_inner);
        foreign
            .iter()
            .filter(|foreign| foreign.subject == unknown.issuer)
            .map(|foreign| foreign.der.clone())
            .collect()
    }
}
