//! The platform's own authority.

use rcgen::PublicKeyData as _;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use std::sync::Arc;
use std::time::Duration;
use trunkline_authority::{
    Authority, AuthorityError, Known, PrivateKeyPem, StoredAuthority, Unreadable, Untrusted,
    verify_issued_by,
};
use trunkline_model::Timestamp;

use crate::support::{AUTHORITY, DAY, HOUR, SECOND, YEAR, after, days, device, ids, now};
use crate::{handmade, support};

fn seconds(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(SECOND)
}

#[test]
fn root_and_issuing_authority_carry_the_name_and_their_time() {
    let root = Known::read(AUTHORITY.root_pem().as_bytes()).unwrap();
    let issuing = Known::read(AUTHORITY.chain_pem().as_bytes()).unwrap();
    assert_eq!(root.subject, "O=Acme,CN=Acme root CA");
    assert_eq!(issuing.subject, "O=Acme,CN=Acme issuing CA");
    assert_eq!(issuing.issuer, root.subject);
    assert!(root.is_ca && issuing.is_ca);
    assert_eq!(seconds(root.not_before), seconds(after(-HOUR)));
    assert_eq!(seconds(root.not_after), seconds(after(20 * YEAR)));
    assert_eq!(seconds(issuing.not_after), seconds(after(10 * YEAR)));
    assert_eq!(AUTHORITY.ends(), issuing.not_after);
    assert_ne!(root.serial, issuing.serial);
}

/// Another library's opinion of the whole chain.
fn is_taken_for_a_client(leaf: &str) -> Result<(), rustls::Error> {
    let der = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(der(&AUTHORITY.root_pem())).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let seconds = Duration::from_secs(seconds(now()).unsigned_abs());
    verifier
        .build()
        .unwrap()
        .verify_client_cert(
            &der(leaf),
            &[der(&AUTHORITY.chain_pem())],
            UnixTime::since_unix_epoch(seconds),
        )
        .map(drop)
}

#[test]
fn another_library_takes_devices_for_clients_and_servers_for_none() {
    is_taken_for_a_client(&device("pump-7").certificate.pem).unwrap();
    let server = AUTHORITY
        .issue_server(&["localhost".into()], days(1), now(), &ids(3))
        .unwrap();
    assert!(is_taken_for_a_client(&server.certificate.pem).is_err());
}

#[test]
fn a_key_that_was_made_fits_its_certificate() {
    let made = device("pump-7");
    let known = &made.certificate.known;
    assert_eq!(known.common_name.as_deref(), Some("pump-7"));
    assert_eq!(known.serial.len(), 32);
    assert_eq!(
        known.id,
        trunkline_authority::certificate_id(&made.certificate.der)
    );
    assert_eq!(
        &Known::read(made.certificate.pem.as_bytes()).unwrap(),
        known
    );
    assert_eq!(seconds(known.not_after), seconds(after(YEAR)));
    assert!(made.private_key.reveal().contains("BEGIN PRIVATE KEY"));
    assert!(made.public_key.contains("BEGIN PUBLIC KEY"));
    let key = rcgen::KeyPair::from_pem(made.private_key.reveal()).unwrap();
    assert_eq!(key.public_key_pem(), made.public_key);
}

#[test]
fn what_is_stored_is_the_same_authority_again() {
    let stored = AUTHORITY.to_pem();
    let again = Authority::from_pem(&stored).unwrap();
    assert_eq!(again.to_pem(), stored);
    let issued = again
        .issue_with_key("pump-7", days(1), now(), &ids(4))
        .unwrap();
    verify_issued_by(
        AUTHORITY.chain_pem().as_bytes(),
        &issued.certificate.der,
        now(),
    )
    .unwrap();
}

#[test]
fn nothing_that_is_printed_has_a_private_key() {
    let stored = AUTHORITY.to_pem();
    let printed = format!(
        "{:?} {:?} {stored:?} {:?}",
        *AUTHORITY,
        device("a"),
        stored.root_key
    );
    assert!(!printed.contains("PRIVATE KEY"), "{printed}");
    for key in [&stored.issuing_key, stored.root_key.as_ref().unwrap()] {
        let line = key.reveal().lines().nth(1).unwrap();
        assert!(!printed.contains(line), "{printed}");
    }
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let one = AUTHORITY.to_pem();
    let other = Authority::make("Acme", now(), &ids(5)).unwrap().to_pem();
    let refused = |stored: StoredAuthority| Authority::from_pem(&stored).unwrap_err();
    assert!(matches!(
        refused(StoredAuthority {
            root: other.root.clone(),
            root_key: None,
            ..one.clone()
        }),
        AuthorityError::Unfit(Untrusted::Signature(_))
    ));
    assert!(matches!(
        refused(StoredAuthority {
            root_key: other.root_key.clone(),
            ..one.clone()
        }),
        AuthorityError::OtherKey("root")
    ));
    assert!(matches!(
        refused(StoredAuthority {
            issuing_key: other.issuing_key.clone(),
            ..one.clone()
        }),
        AuthorityError::OtherKey("issuing authority")
    ));
    assert!(matches!(
        refused(StoredAuthority {
            issuing: device("pump-7").certificate.pem,
            ..one.clone()
        }),
        AuthorityError::Unfit(Untrusted::NotAuthority(_))
    ));
    assert!(matches!(
        refused(StoredAuthority {
            issuing_key: PrivateKeyPem::from("nothing".to_owned()),
            ..one.clone()
        }),
        AuthorityError::Library(_)
    ));
    assert!(matches!(
        refused(StoredAuthority {
            root: String::new(),
            ..one
        }),
        AuthorityError::Unreadable(Unreadable::Missing(_))
    ));
}

#[test]
fn an_authority_whose_name_cannot_be_written_again_is_not_taken() {
    let root = rcgen::KeyPair::generate().unwrap();
    let below = rcgen::KeyPair::generate().unwrap();
    let above = handmade::name(&[], "root");
    let stored = |units: &[&str]| {
        let name = handmade::name(units, "issuing");
        let extensions = [handmade::authority()];
        let root_der = handmade::certificate(&above, &root, &above, &root, &extensions);
        let issuing = handmade::certificate(&above, &root, &name, &below, &extensions);
        StoredAuthority {
            root: support::pem(&root_der),
            root_key: None,
            issuing: support::pem(&issuing),
            issuing_key: below.serialize_pem().into(),
        }
    };
    // One made elsewhere is welcome.
    let taken = Authority::from_pem(&stored(&["pumps"])).unwrap();
    taken
        .issue_with_key("pump-7", days(1), now(), &ids(6))
        .unwrap();
    // The library writes one of two units only, and nobody would find the issuer of what is signed.
    assert!(matches!(
        Authority::from_pem(&stored(&["pumps", "valves"])),
        Err(AuthorityError::Unfit(Untrusted::OtherIssuer { .. }))
    ));
}

#[test]
fn a_root_stands_on_its_own_and_allows_an_authority_below() {
    let root = rcgen::KeyPair::generate().unwrap();
    let below = rcgen::KeyPair::generate().unwrap();
    let (above, issuing) = (handmade::name(&[], "root"), handmade::name(&[], "issuing"));
    let taken = |issuer: &[u8], extension: Vec<u8>| {
        let root_der = handmade::certificate(issuer, &root, &above, &root, &[extension]);
        let extensions = [handmade::authority()];
        let issuing = handmade::certificate(&above, &root, &issuing, &below, &extensions);
        Authority::from_pem(&StoredAuthority {
            root: support::pem(&root_der),
            root_key: None,
            issuing: support::pem(&issuing),
            issuing_key: below.serialize_pem().into(),
        })
    };
    taken(&above, handmade::authority()).unwrap();
    assert!(matches!(
        taken(&handmade::name(&[], "another"), handmade::authority()),
        Err(AuthorityError::Unfit(Untrusted::OtherIssuer { .. }))
    ));
    let none_below = [0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00];
    let none_below = handmade::extension(&[0x55, 0x1d, 0x13], true, &none_below);
    assert!(matches!(
        taken(&above, none_below),
        Err(AuthorityError::Unfit(Untrusted::PathLength(_)))
    ));
}

#[test]
fn the_issuing_authority_is_renewed_under_the_same_root() {
    let later = after(9 * YEAR);
    let renewed = AUTHORITY.renew(later, &ids(7)).unwrap();
    assert_eq!(renewed.root_pem(), AUTHORITY.root_pem());
    assert_ne!(renewed.chain_pem(), AUTHORITY.chain_pem());
    let known = Known::read(renewed.chain_pem().as_bytes()).unwrap();
    assert_eq!(known.subject, "O=Acme,CN=Acme issuing CA");
    assert_eq!(seconds(renewed.ends()), seconds(after(19 * YEAR)));
    // Towards the end of the root it does not outlive it.
    let last = AUTHORITY.renew(after(15 * YEAR), &ids(8)).unwrap();
    assert_eq!(seconds(last.ends()), seconds(after(20 * YEAR)));
    assert!(matches!(
        AUTHORITY.renew(after(20 * YEAR), &ids(8)),
        Err(AuthorityError::Ended(_))
    ));
    let kept_elsewhere = StoredAuthority {
        root_key: None,
        ..AUTHORITY.to_pem()
    };
    let without = Authority::from_pem(&kept_elsewhere).unwrap();
    assert!(matches!(
        without.renew(later, &ids(9)),
        Err(AuthorityError::NoRootKey)
    ));
}

#[test]
fn nothing_outlives_the_issuing_authority() {
    let issue = |validity, at| AUTHORITY.issue_with_key("a", validity, at, &ids(10));
    let long = issue(days(3_650), after(5 * YEAR)).unwrap();
    assert_eq!(long.certificate.known.not_after, AUTHORITY.ends());
    let last_day = issue(days(365), after(10 * YEAR - DAY)).unwrap();
    assert_eq!(last_day.certificate.known.not_after, AUTHORITY.ends());
    assert!(matches!(
        issue(days(1), after(10 * YEAR)),
        Err(AuthorityError::Ended(_))
    ));
    for validity in [
        Duration::ZERO,
        Duration::from_millis(999),
        days(3_651),
        Duration::MAX,
    ] {
        assert!(matches!(
            issue(validity, now()),
            Err(AuthorityError::Validity(3_650))
        ));
    }
}

#[test]
fn names_that_no_certificate_can_carry_are_refused() {
    for bad in ["", "  ", "a\u{7}", &"a".repeat(65)] {
        let refused = AUTHORITY.issue_with_key(bad, days(1), now(), &ids(11));
        assert!(matches!(refused, Err(AuthorityError::Name { .. })), "{bad}");
    }
    assert!(matches!(
        Authority::make(&"a".repeat(54), now(), &ids(11)),
        Err(AuthorityError::Name { .. })
    ));
    Authority::make(&"a".repeat(53), now(), &ids(11)).unwrap();
}

#[test]
fn a_server_is_for_names_and_addresses() {
    let issue = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        AUTHORITY.issue_server(&names, days(90), now(), &ids(12))
    };
    let made = issue(&["MQTT.example.com", "*.example.com", "10.0.0.7", "::1"]).unwrap();
    assert_eq!(
        made.certificate.known.common_name.as_deref(),
        Some("MQTT.example.com")
    );
    let long = format!("{}.example.com", "a".repeat(60));
    let made = issue(&[&long]).unwrap();
    assert_eq!(
        made.certificate.known.common_name.as_deref(),
        Some("server")
    );
    for bad in [
        "",
        "a b",
        "*",
        "a.*.com",
        "http://a",
        "-a-.com",
        "\u{e9}.com",
    ] {
        let refused = issue(&[bad]);
        assert!(matches!(refused, Err(AuthorityError::Name { .. })), "{bad}");
    }
    assert!(matches!(issue(&[]), Err(AuthorityError::Names(100))));
    assert!(matches!(
        issue(&["a.com"; 101]),
        Err(AuthorityError::Names(100))
    ));
}

#[test]
fn a_key_that_signs_programs_is_for_nothing_else() {
    let key = rcgen::KeyPair::generate().unwrap();
    let der = key.subject_public_key_info();
    let issue = |der: &[u8]| {
        AUTHORITY.issue_code_signing(der, "artifact signer", days(3_650), now(), &ids(13))
    };
    let issued = issue(&der).unwrap();
    verify_issued_by(AUTHORITY.chain_pem().as_bytes(), &issued.der, now()).unwrap();
    assert!(!issued.known.is_ca);
    assert_eq!(issued.known.subject, "CN=artifact signer");
    let (_, read) = x509_parser::parse_x509_certificate(&issued.der).unwrap();
    assert_eq!(read.public_key().raw, der);
    let purposes = read.extended_key_usage().unwrap().unwrap().value;
    assert!(purposes.code_signing && !purposes.client_auth && !purposes.server_auth);
    assert!(is_taken_for_a_client(&issued.pem).is_err());
}

#[test]
fn a_public_key_that_is_none_gets_no_certificate() {
    let issue = |der: &[u8]| {
        let issued = AUTHORITY.issue_code_signing(der, "signer", days(1), now(), &ids(14));
        issued.map(drop).unwrap_err()
    };
    let der = rcgen::KeyPair::generate()
        .unwrap()
        .subject_public_key_info();
    for bad in [
        &b""[..],
        b"nonsense",
        &der[..der.len() - 1],
        &[&der[..], b"more"].concat(),
    ] {
        let refused = issue(bad);
        assert!(
            matches!(
                refused,
                AuthorityError::Unreadable(Unreadable::Malformed("public key"))
            ),
            "{refused}"
        );
    }
    let odd = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    assert!(matches!(
        issue(&odd.subject_public_key_info()),
        AuthorityError::Key(_)
    ));
}
