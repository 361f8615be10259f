//! What holds for any bytes.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use rcgen::KeyPair;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use trunkline_authority::{
    Authority, ForeignAuthority, Known, PrivateKeyPem, Standing, StoredAuthority, verify_issued_by,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::support::{AUTHORITY, Team, device, ids, now, plain_authority};
use crate::wire::{Registry, verifier};

static REQUEST: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = KeyPair::generate().unwrap();
    let mut wants = plain_authority("somebody");
    wants.subject_alt_names = vec![rcgen::SanType::DnsName("a.b".try_into().unwrap())];
    wants.serialize_request(&key).unwrap().der().to_vec()
});
static DEVICE: LazyLock<Vec<u8>> = LazyLock::new(|| device("pump-7").certificate.der);
static TEAM: LazyLock<Team> = LazyLock::new(|| Team::self_signed(plain_authority("team")));

/// A few changed, cut, added or repeated bytes.
fn changed(original: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<Index>(), any::<u8>(), 0..4_u8);
    prop::collection::vec(change, 1..4).prop_map(move |changes| {
        let mut bytes = original.to_vec();
        for (place, byte, kind) in changes {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

/// Hands `bytes` to everything that reads.
fn read_all(bytes: &[u8]) {
    let known = Known::read(bytes);
    let chain = Known::read_chain(bytes);
    if let (Ok(known), Ok(chain)) = (known, chain) {
        assert_eq!(chain, [known]);
    }
    drop(ForeignAuthority::read(bytes, now()));
    drop(verify_issued_by(bytes, &DEVICE, now()));
    drop(verify_issued_by(&TEAM.der, bytes, now()));
    drop(AUTHORITY.sign_csr(bytes, "a", Authority::VALIDITY, now(), &ids(40)));
    if let Ok(team) = ForeignAuthority::read(&TEAM.der, now()) {
        team.prove(bytes, "code", now()).unwrap_err();
    }
    let registry = Registry::with(bytes, Standing::Active);
    let time = UnixTime::since_unix_epoch(std::time::Duration::ZERO);
    let certificate = CertificateDer::from(bytes.to_vec());
    drop(verifier(&registry).verify_client_cert(&certificate, &[], time));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
    }

    #[test]
    fn any_der_is_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut der = vec![0x30, 0x82, 0, u8::try_from(bytes.len()).unwrap()];
        der.append(&mut bytes);
        read_all(&der);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(-----BEGIN [A-Z ]{0,12}-----\n)?[A-Za-z0-9+/=\n -]{0,200}(-----END CERTIFICATE-----\n)?") {
        read_all(text.as_bytes());
        let stored = StoredAuthority {
            root: text.clone(),
            root_key: Some(PrivateKeyPem::from(text.clone())),
            issuing: text.clone(),
            issuing_key: PrivateKeyPem::from(text),
        };
        prop_assert!(Authority::from_pem(&stored).is_err());
    }

    #[test]
    fn a_request_that_was_changed_is_refused_or_asks_for_the_same_key(bytes in changed(&REQUEST)) {
        read_all(&bytes);
        if let Ok(issued) = AUTHORITY.sign_csr(&bytes, "a", Authority::VALIDITY, now(), &ids(41)) {
            let original = AUTHORITY.sign_csr(&REQUEST, "a", Authority::VALIDITY, now(), &ids(41)).unwrap();
            let (_, one) = X509Certificate::from_der(&issued.der).unwrap();
            let (_, other) = X509Certificate::from_der(&original.der).unwrap();
            prop_assert_eq!(one.public_key().raw, other.public_key().raw);
        }
    }

    #[test]
    fn a_certificate_that_was_changed_is_refused_or_says_the_same(bytes in changed(&DEVICE)) {
        read_all(&bytes);
        if verify_issued_by(AUTHORITY.chain_pem().as_bytes(), &bytes, now()).is_ok() {
            let original = Known::read(&DEVICE).unwrap();
            let known = Known::read(&bytes).unwrap();
            prop_assert_eq!(&known, &Known { id: known.id.clone(), ..original });
        }
    }

    #[test]
    fn an_authority_that_was_changed_is_refused_or_says_the_same(bytes in changed(&TEAM.der)) {
        read_all(&bytes);
        if let Ok(taken) = ForeignAuthority::read(&bytes, now()) {
            let original = Known::read(&TEAM.der).unwrap();
            prop_assert_eq!(taken.known(), &Known { id: taken.known().id.clone(), ..original });
        }
    }

    #[test]
    fn any_name_is_carried_as_it_is_or_refused(name in "\\PC{0,70}|[\\x00-\\x7f]{0,10}") {
        let issued = AUTHORITY.issue_with_key(&name, Authority::VALIDITY, now(), &ids(42));
        match issued {
            Ok(issued) => prop_assert_eq!(issued.certificate.known.common_name, Some(name)),
            Err(_) => prop_assert!(
                name.trim().is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control)
            ),
        }
    }
}
