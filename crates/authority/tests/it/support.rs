//! What the tests share.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use trunkline_authority::{Authority, IssuedWithKey};
use trunkline_model::{ManualClock, SeededIds, Timestamp};

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;
pub(crate) const YEAR: i64 = 365 * DAY;

/// The present of all tests.
pub(crate) fn now() -> Timestamp {
    "2027-01-15T08:00:00.25Z".parse().unwrap()
}

/// The same moment, moved.
pub(crate) fn after(micros: i64) -> Timestamp {
    now().plus_micros(micros)
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(now()))
}

pub(crate) fn ids(seed: u64) -> SeededIds {
    SeededIds::new(seed)
}

/// An authority that all tests use, since making keys takes its time.
pub(crate) static AUTHORITY: LazyLock<Authority> =
    LazyLock::new(|| Authority::make("Acme", now(), &ids(1)).unwrap());

/// A device's certificate of the platform's own authority.
pub(crate) fn device(name: &str) -> IssuedWithKey {
    AUTHORITY
        .issue_with_key(name, Authority::VALIDITY, now(), &ids(2))
        .unwrap()
}

pub(crate) fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// What the library's type for dates has `micros` after [`now`].
pub(crate) fn set_validity(says: &mut CertificateParams, begins: i64, ends: i64) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let since = |micros| Duration::from_micros(after(micros).as_micros().unsigned_abs());
    says.not_before = epoch + since(begins);
    says.not_after = epoch + since(ends);
}

/// A certificate that says nothing but a name, and is valid for a day around [`now`].
pub(crate) fn plain(common_name: &str) -> CertificateParams {
    let mut says = CertificateParams::default();
    says.distinguished_name = DistinguishedName::new();
    says.distinguished_name
        .push(DnType::CommonName, common_name);
    set_validity(&mut says, -DAY, DAY);
    says
}

/// The same for an authority.
pub(crate) fn plain_authority(common_name: &str) -> CertificateParams {
    let mut says = plain(common_name);
    says.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    says.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    says
}

/// An authority that a team has made for itself.
pub(crate) struct Team {
    pub(crate) pem: String,
    pub(crate) der: Vec<u8>,
    pub(crate) issuer: Issuer<'static, KeyPair>,
}

impl Team {
    pub(crate) fn self_signed(says: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = says.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            issuer: Issuer::new(says, key),
        }
    }

    pub(crate) fn under(says: CertificateParams, above: &Self) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = says.signed_by(&key, &above.issuer).unwrap();
        Self {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            issuer: Issuer::new(says, key),
        }
    }

    /// A certificate of this authority, and its key.
    pub(crate) fn issue(&self, says: &CertificateParams) -> (Vec<u8>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = says.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().to_vec(), key)
    }
}

/// `der` as the PEM of a certificate.
pub(crate) fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let letters = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{letters}\n-----END CERTIFICATE-----\n")
}
