//! The account and the certificate on the disk.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use trunkline_model::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::AcmeConfig;

const ACCOUNT: &str = "account.json";
const CERTIFICATE: &str = "certificate.pem";

/// The file with the certificate, its chain and its key, in PEM; it may not be there yet. One file, so that the three always fit.
#[must_use]
pub fn certificate(acme: &AcmeConfig) -> PathBuf {
    acme.folder.join(CERTIFICATE)
}

/// The account's credentials, where there are any.
pub(super) fn account(acme: &AcmeConfig) -> Option<Vec<u8>> {
    std::fs::read(acme.folder.join(ACCOUNT)).ok()
}

/// Keeps the account's credentials.
pub(super) fn keep_account(acme: &AcmeConfig, credentials: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(&acme.folder)?;
    write(&acme.folder.join(ACCOUNT), credentials)
}

/// Keeps a certificate with its key.
pub(super) fn keep_certificate(acme: &AcmeConfig, chain: &str, key: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(&acme.folder)?;
    write(&certificate(acme), format!("{key}\n{chain}").as_bytes())
}

/// Writes a file that only its owner reads, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside: PathBuf = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}

/// How long the certificate may still be used before it is to be renewed: until a third of its life is left. Nothing where there is none
/// that can be read, or where it is not for all of the names.
pub(super) fn rest(acme: &AcmeConfig, now: Timestamp) -> Option<Duration> {
    let der = CertificateDer::pem_file_iter(certificate(acme))
        .ok()?
        .next()?
        .ok()?;
    let certificate = Certificate::from_der(&der).ok()?;
    let names = names(&certificate)?;
    if !acme
        .names
        .iter()
        .all(|name| names.contains(&name.to_ascii_lowercase()))
    {
        return None;
    }
    let validity = certificate.tbs_certificate().validity();
    let begins = validity.not_before.to_unix_duration();
    let ends = validity.not_after.to_unix_duration();
    let due = ends.checked_sub(ends.checked_sub(begins)? / 3)?;
    let now = Duration::from_micros(u64::try_from(now.as_micros()).ok()?);
    Some(due.saturating_sub(now))
}

/// The names that a certificate is for.
fn names(certificate: &Certificate) -> Option<Vec<String>> {
    let found = certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>()
        .ok()??;
    let names = found.1.0.iter().filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.to_string().to_ascii_lowercase()),
        _ => None,
    });
    Some(names.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_due_when_a_third_of_its_life_is_left_or_a_name_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let mut acme = AcmeConfig {
            names: vec!["Shop.example".into()],
            folder: folder.path().into(),
            ..AcmeConfig::default()
        };
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert_eq!(rest(&acme, at(0)), None);
        let mut wanted = rcgen::CertificateParams::new(vec!["shop.example".into()]).unwrap();
        wanted.not_before = rcgen::date_time_ymd(2026, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(2026, 4, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let made = wanted.self_signed(&key).unwrap();
        keep_certificate(&acme, &made.pem(), &key.serialize_pem()).unwrap();
        // The first of January 2026, and 60 days later.
        let day = 86_400;
        assert_eq!(
            rest(&acme, at(1_767_225_600)),
            Some(Duration::from_secs(60 * 86_400))
        );
        assert_eq!(
            rest(&acme, at(1_767_225_600 + 61 * day)),
            Some(Duration::ZERO)
        );
        acme.names.push("more.example".into());
        assert_eq!(rest(&acme, at(1_767_225_600)), None);
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(certificate(&acme))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
