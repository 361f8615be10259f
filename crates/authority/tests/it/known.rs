//! What is read from certificates.

use rcgen::{DistinguishedName, DnType, DnValue, KeyPair};
use trunkline_authority::{Authority, KeyKind, Known, Unreadable, certificate_id};

use crate::support::{AUTHORITY, device, plain};
use crate::{handmade, support};

#[test]
fn pem_and_der_say_the_same() {
    let issued = device("pump-7").certificate;
    let known = Known::read(&issued.der).unwrap();
    assert_eq!(known, issued.known);
    assert_eq!(known, Known::read(issued.pem.as_bytes()).unwrap());
    assert_eq!(known.id, certificate_id(&issued.der));
    assert_eq!(known.key, KeyKind::EcdsaP256);
    assert_eq!(known.issuer, "O=Acme,CN=Acme issuing CA");
    assert!(!known.is_ca);
}

#[test]
fn a_chain_is_read_in_its_order_and_has_a_limit() {
    let issued = device("pump-7").certificate;
    let chain = format!(
        "{}{}{}",
        issued.pem,
        AUTHORITY.chain_pem(),
        AUTHORITY.root_pem()
    );
    let known = Known::read_chain(chain.as_bytes()).unwrap();
    assert_eq!(known.len(), 3);
    for pair in known.windows(2) {
        assert_eq!(pair[0].issuer, pair[1].subject);
    }
    assert_eq!(Known::read(chain.as_bytes()), Err(Unreadable::TooMany(1)));
    assert_eq!(
        Known::read_chain(issued.pem.repeat(6).as_bytes()),
        Err(Unreadable::TooMany(5))
    );
    let large = " ".repeat(16_385);
    assert!(matches!(
        Known::read_chain(large.as_bytes()),
        Err(Unreadable::TooLarge { .. })
    ));
}

#[test]
fn garbage_and_what_follows_a_certificate_are_refused() {
    let mut der = device("pump-7").certificate.der;
    der.push(0);
    let malformed = Err(Unreadable::Malformed("certificate"));
    assert_eq!(Known::read(&der), malformed);
    assert_eq!(Known::read(&der[..100]), malformed);
    assert_eq!(Known::read(b"\x30\x00"), malformed);
    let text = "-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n";
    assert_eq!(Known::read(text.as_bytes()), malformed);
    // A private key is none, and its text is not repeated.
    let key = device("a").private_key;
    assert_eq!(
        Known::read(key.reveal().as_bytes()),
        Err(Unreadable::Missing("certificate"))
    );
}

#[test]
fn extensions_that_come_twice_or_that_nobody_can_read_are_refused() {
    let key = KeyPair::generate().unwrap();
    let name = handmade::name(&[], "a");
    let read = |extensions: &[Vec<u8>]| {
        let der = handmade::certificate(&name, &key, &name, &key, extensions);
        Known::read(&der).map(|known| known.is_ca)
    };
    let odd =
        |kind: u8, critical| handmade::extension(&[0x55, 0x1d, kind], critical, &[0x30, 0x05]);
    let malformed = Err(Unreadable::Malformed("certificate"));
    assert_eq!(read(&[handmade::authority()]), Ok(true));
    assert_eq!(
        read(&[handmade::authority(), handmade::authority()]),
        malformed
    );
    // Basic constraints, key usage, extended key usage: each decides something, critical or not.
    for kind in [0x13, 0x0f, 0x25] {
        assert_eq!(read(&[odd(kind, false)]), malformed);
    }
    // An alternative name decides nothing, unless the issuer says that it matters.
    assert_eq!(read(&[odd(0x11, false)]), Ok(false));
    assert_eq!(read(&[odd(0x11, true)]), malformed);
}

#[test]
fn an_algorithm_that_the_signature_does_not_cover_is_refused() {
    let mut der = device("pump-7").certificate.der;
    let ecdsa = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let at = der.windows(8).rposition(|bytes| bytes == ecdsa).unwrap();
    der[at + 7] = 0x03;
    assert_eq!(Known::read(&der), Err(Unreadable::Malformed("certificate")));
}

#[test]
fn names_are_read_in_each_form() {
    let named = |says: DistinguishedName| {
        let mut certificate = plain("");
        certificate.distinguished_name = says;
        let made = certificate.self_signed(&KeyPair::generate().unwrap());
        Known::read(made.unwrap().der()).unwrap()
    };
    let mut says = DistinguishedName::new();
    says.push(DnType::CountryName, "CH");
    says.push(DnType::OrganizationalUnitName, "Pumps, CN=root");
    says.push(
        DnType::CommonName,
        DnValue::BmpString("p\u{fc}mp".try_into().unwrap()),
    );
    let known = named(says);
    assert_eq!(known.subject, "C=CH,OU=Pumps\\, CN\\=root,CN=p\u{fc}mp");
    assert_eq!(known.common_name.as_deref(), Some("p\u{fc}mp"));
    let nameless = named(DistinguishedName::new());
    assert_eq!(
        (nameless.subject.as_str(), nameless.common_name),
        ("", None)
    );
}

#[test]
fn certificates_of_version_1_are_read() {
    let key = KeyPair::generate().unwrap();
    let name = handmade::name(&[], "old");
    let der = handmade::certificate(&name, &key, &name, &key, &[]);
    let known = Known::read(support::pem(&der).as_bytes()).unwrap();
    assert_eq!(known.common_name.as_deref(), Some("old"));
    assert_eq!(known.serial, "07");
    assert_eq!(known.not_before.to_string(), "2027-01-01T00:00:00.000000Z");
    assert_eq!(known.not_after.to_string(), "2027-12-31T23:59:59.000000Z");
    assert!(!known.is_ca);
}

#[test]
fn a_validity_of_a_year_is_the_default() {
    assert_eq!(Authority::VALIDITY.as_secs(), 365 * 86_400);
}
