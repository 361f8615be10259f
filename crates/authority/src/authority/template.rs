//! What each kind of certificate says.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyUsagePurpose, SanType, SerialNumber, date_time_ymd,
};
use trunkline_model::{IdGen, Timestamp};

use crate::AuthorityError;

/// Seconds of a day.
pub(super) const DAY: u64 = 86_400;
/// How long before it is made a certificate begins, in seconds: the clocks that look at it may be behind.
const BEFORE: i64 = 3_600;
/// The last second that a certificate can carry: the year 9999 ends.
const LAST: i64 = 253_402_300_799;

/// From when to when something is valid, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    begins: i64,
    ends: i64,
}

impl Validity {
    /// From a little before `now` until `seconds` after it.
    pub(super) fn from_now(now: Timestamp, seconds: u64) -> Result<Self, AuthorityError> {
        let second = now.as_micros().div_euclid(1_000_000);
        let ends = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| second.checked_add(seconds))
            .filter(|ends| *ends <= LAST);
        match ends {
            Some(ends) if second >= BEFORE => Ok(Self {
                begins: second - BEFORE,
                ends,
            }),
            _ => Err(AuthorityError::Time(now)),
        }
    }

    /// The same, but not beyond the end of who signs.
    pub(super) fn within(self, ends: Timestamp) -> Self {
        Self {
            ends: self.ends.min(ends.as_micros().div_euclid(1_000_000)),
            ..self
        }
    }
}

/// What an authority's certificate says; `below` is how many authorities there may be under it.
pub(super) fn authority(
    organisation: &str,
    common_name: &str,
    below: u8,
    validity: Validity,
    ids: &dyn IdGen,
) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, organisation);
    name.push(DnType::CommonName, common_name);
    let mut says = blank(name, validity, ids);
    says.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    says.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    says
}

/// What a device's certificate says.
pub(super) fn device(common_name: &str, validity: Validity, ids: &dyn IdGen) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    leaf(name, ExtendedKeyUsagePurpose::ClientAuth, validity, ids)
}

/// What a server's certificate says.
pub(super) fn server(
    common_name: &str,
    names: Vec<SanType>,
    validity: Validity,
    ids: &dyn IdGen,
) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    let mut says = leaf(name, ExtendedKeyUsagePurpose::ServerAuth, validity, ids);
    says.subject_alt_names = names;
    says
}

/// What the certificate of a key that signs programs says.
pub(super) fn code_signing(
    common_name: &str,
    validity: Validity,
    ids: &dyn IdGen,
) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    leaf(name, ExtendedKeyUsagePurpose::CodeSigning, validity, ids)
}

fn leaf(
    name: DistinguishedName,
    purpose: ExtendedKeyUsagePurpose,
    validity: Validity,
    ids: &dyn IdGen,
) -> CertificateParams {
    let mut says = blank(name, validity, ids);
    says.is_ca = IsCa::ExplicitNoCa;
    says.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    says.extended_key_usages = vec![purpose];
    says
}

fn blank(name: DistinguishedName, validity: Validity, ids: &dyn IdGen) -> CertificateParams {
    let mut says = CertificateParams::default();
    says.distinguished_name = name;
    says.serial_number = Some(serial(ids));
    let epoch = date_time_ymd(1970, 1, 1);
    says.not_before = epoch + since_1970(validity.begins);
    says.not_after = epoch + since_1970(validity.ends);
    says.use_authority_key_identifier_extension = true;
    says
}

/// 128 bits that nobody can guess. Zero is no serial number.
fn serial(ids: &dyn IdGen) -> SerialNumber {
    let mut bytes = [0; 16];
    ids.fill_secret(&mut bytes);
    if bytes == [0; 16] {
        bytes[15] = 1;
    }
    SerialNumber::from_slice(&bytes)
}

/// The library's type for a date is not named by it.
fn since_1970(seconds: i64) -> Duration {
    Duration::from_secs(seconds.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validity_fits_into_the_years_of_certificates() {
        let now = Timestamp::from_millis(1_800_000_000_999);
        let year = Validity::from_now(now, 365 * DAY).unwrap();
        assert_eq!(
            year,
            Validity {
                begins: 1_799_996_400,
                ends: 1_831_536_000
            }
        );
        let cut = year.within(Timestamp::from_millis(1_800_000_100_999));
        assert_eq!(cut.ends, 1_800_000_100);
        for (now, seconds) in [
            (Timestamp::from_micros(0), 1),
            (Timestamp::from_micros(i64::MIN), 1),
            (Timestamp::from_micros(i64::MAX), 1),
            (now, LAST.unsigned_abs()),
            (now, u64::MAX),
        ] {
            assert!(Validity::from_now(now, seconds).is_err());
        }
    }
}
