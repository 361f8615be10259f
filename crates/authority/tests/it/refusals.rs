//! Clients that are not let in, and what they are told.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{AlertDescription, CertificateError, Error};
use trunkline_authority::{DeviceVerifier, Standing, peer_certificate_id};

use crate::support::{DAY, SECOND, Team, device, plain, plain_authority, set_validity};
use crate::wire::{Registry, Shown, VERSIONS, client, connect, server, verifier};

/// The alert for a device that shows `shown`, the same in each version of TLS; nothing where it is let in.
fn told(verifier: impl Fn() -> DeviceVerifier, shown: &Arc<Shown>) -> Option<AlertDescription> {
    let alerts = VERSIONS.map(|version| {
        let outcome = connect(&server(verifier()), &client(version, Some(shown), &[]));
        let alert = outcome.alert();
        assert_eq!(outcome.server.is_err(), alert.is_some(), "{outcome:?}");
        alert
    });
    assert_eq!(alerts[0], alerts[1]);
    alerts[0]
}

/// The alert for an active device whose certificate says `says`.
fn told_of(says: &CertificateParams) -> Option<AlertDescription> {
    let team = Team::self_signed(plain_authority("team"));
    let (der, key) = team.issue(says);
    let registry = Registry::with(&der, Standing::Active);
    told(|| verifier(&registry), &Shown::new(&[&der], &key))
}

#[test]
fn each_standing_has_its_alert() {
    let device = device("pump-7");
    let shown = Shown::issued(&device);
    for (standing, alert) in [
        (Standing::Active, None),
        (
            Standing::Revoked,
            Some(AlertDescription::CertificateRevoked),
        ),
        (
            Standing::Unknown,
            Some(AlertDescription::CertificateUnknown),
        ),
        (Standing::Inactive, Some(AlertDescription::AccessDenied)),
        (Standing::Pending, Some(AlertDescription::AccessDenied)),
    ] {
        let registry = Registry::with(&device.certificate.der, standing);
        assert_eq!(told(|| verifier(&registry), &shown), alert, "{standing:?}");
        // Whoever admits pending ones admits no others.
        if standing != Standing::Pending {
            let admitting = || verifier(&registry).admitting_pending();
            assert_eq!(told(admitting, &shown), alert, "{standing:?}");
        }
    }
}

#[test]
fn a_certificate_is_good_in_its_time_only() {
    let within = |begins, ends| {
        let mut says = plain("pump-7");
        set_validity(&mut says, begins, ends);
        told_of(&says)
    };
    let expired = Some(AlertDescription::CertificateExpired);
    assert_eq!(within(-DAY, -SECOND), expired);
    assert_eq!(within(-DAY, 0), None);
    // The clock of whoever issued it may be five minutes ahead, and no more.
    assert_eq!(within(300 * SECOND, DAY), None);
    assert_eq!(within(302 * SECOND, DAY), expired);
    assert_eq!(within(DAY, 2 * DAY), expired);
}

#[test]
fn the_skew_can_be_set() {
    let team = Team::self_signed(plain_authority("team"));
    let mut says = plain("pump-7");
    set_validity(&mut says, 60 * SECOND, DAY);
    let (der, key) = team.issue(&says);
    let registry = Registry::with(&der, Standing::Active);
    let shown = Shown::new(&[&der], &key);
    let with = |skew| {
        told(
            || verifier(&registry).with_skew(Duration::from_secs(skew)),
            &shown,
        )
    };
    assert_eq!(with(61), None);
    assert_eq!(with(0), Some(AlertDescription::CertificateExpired));
    assert_eq!(with(u64::MAX), None);
}

#[test]
fn an_authority_is_no_device() {
    let mut says = plain("pump-7");
    says.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    says.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    assert_eq!(
        told_of(&says),
        Some(AlertDescription::UnsupportedCertificate)
    );
}

#[test]
fn a_certificate_for_something_else_is_no_client() {
    let unsupported = Some(AlertDescription::UnsupportedCertificate);
    let mut says = plain("pump-7");
    says.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    assert_eq!(told_of(&says), unsupported);
    says.extended_key_usages
        .push(ExtendedKeyUsagePurpose::ClientAuth);
    assert_eq!(told_of(&says), None);
    says.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
    assert_eq!(told_of(&says), None);
    says.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    assert_eq!(told_of(&says), unsupported);
}

#[test]
fn what_nobody_understands_is_not_passed_over() {
    let mut says = plain("pump-7");
    let mut unheard = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![0x05, 0x00]);
    says.custom_extensions = vec![unheard.clone()];
    assert_eq!(told_of(&says), None);
    unheard.set_criticality(true);
    says.custom_extensions = vec![unheard];
    assert_eq!(told_of(&says), Some(AlertDescription::BadCertificate));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let registry = Arc::<Registry>::default();
    let key = KeyPair::generate().unwrap();
    let certificate = device("pump-7").certificate.der;
    let mut longer = certificate.clone();
    longer.push(0);
    for bytes in [
        vec![1, 2, 3],
        certificate[..200].to_vec(),
        longer,
        vec![0x30; 20_000],
    ] {
        registry.set(&bytes, Standing::Active);
        assert_eq!(
            told(|| verifier(&registry), &Shown::new(&[&bytes], &key)),
            Some(AlertDescription::BadCertificate)
        );
    }
}

#[test]
fn a_chain_has_a_limit() {
    let device = device("pump-7");
    let der = device.certificate.der.as_slice();
    let registry = Registry::with(der, Standing::Active);
    let key = KeyPair::from_pem(device.private_key.reveal()).unwrap();
    let chain = |length| Shown::new(&vec![der; length], &key);
    assert_eq!(told(|| verifier(&registry), &chain(5)), None);
    assert_eq!(
        told(|| verifier(&registry), &chain(6)),
        Some(AlertDescription::BadCertificate)
    );
}

#[test]
fn a_stolen_certificate_is_of_no_use_without_its_key() {
    let device = device("pump-7");
    let registry = Registry::with(&device.certificate.der, Standing::Active);
    let thief = Shown::new(&[&device.certificate.der], &KeyPair::generate().unwrap());
    assert_eq!(
        told(|| verifier(&registry), &thief),
        Some(AlertDescription::DecryptError)
    );
    // A key of another kind cannot even pretend.
    let other_kind = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let thief = Shown::new(&[&device.certificate.der], &other_kind);
    for version in VERSIONS {
        let outcome = connect(
            &server(verifier(&registry)),
            &client(version, Some(&thief), &[]),
        );
        assert!(outcome.server.is_err());
        assert!(outcome.alert().is_some());
    }
}

#[test]
fn a_certificate_is_required_where_it_is_not_optional() {
    let registry = Arc::<Registry>::default();
    for version in VERSIONS {
        let outcome = connect(&server(verifier(&registry)), &client(version, None, &[]));
        assert_eq!(outcome.alert(), Some(AlertDescription::CertificateRequired));
        assert!(matches!(
            outcome.server,
            Err(Error::NoCertificatesPresented)
        ));
    }
}

#[test]
fn the_platform_learns_which_certificate_is_unknown() {
    let device = device("pump-7");
    let registry = Arc::<Registry>::default();
    let shown = Shown::issued(&device);
    let outcome = connect(
        &server(verifier(&registry)),
        &client(VERSIONS[1], Some(&shown), &[]),
    );
    let Err(Error::InvalidCertificate(CertificateError::Other(why))) = outcome.server else {
        panic!("{outcome:?}");
    };
    assert!(why.0.to_string().contains(&device.certificate.known.id));
}

#[test]
fn a_registered_authority_introduces_its_devices() {
    let team = Team::self_signed(plain_authority("team"));
    let thief = Team::self_signed(plain_authority("team"));
    let (der, key) = team.issue(&plain("pump-7"));
    let (forged, forged_key) = thief.issue(&plain("pump-7"));
    let (shown, forged_shown) = (
        Shown::new(&[&der], &key),
        Shown::new(&[&forged], &forged_key),
    );
    let registry = Arc::<Registry>::default();
    let unknown = Some(AlertDescription::CertificateUnknown);
    assert_eq!(told(|| verifier(&registry), &shown), unknown);
    assert_eq!(registry.asked.lock().unwrap()[0].issuer, "CN=team");
    registry.introduce(&[&thief.der, &[1, 2, 3], &team.der]);
    assert_eq!(told(|| verifier(&registry), &shown), None);
    registry.introduce(&[&team.der]);
    assert_eq!(told(|| verifier(&registry), &forged_shown), unknown);
    let outcome = connect(
        &server(verifier(&registry)),
        &client(VERSIONS[1], Some(&shown), &[]),
    );
    assert_eq!(
        peer_certificate_id(&outcome.server.unwrap()),
        Some(trunkline_authority::certificate_id(&der))
    );
    // An introduction is no pardon.
    registry.set(&der, Standing::Revoked);
    assert_eq!(
        told(|| verifier(&registry), &shown),
        Some(AlertDescription::CertificateRevoked)
    );
}

#[test]
fn an_authority_that_may_not_sign_any_more_introduces_nobody() {
    let mut says = plain_authority("team");
    set_validity(&mut says, -2 * DAY, -DAY);
    let ended = Team::self_signed(says);
    let (der, key) = ended.issue(&plain("pump-7"));
    let registry = Arc::<Registry>::default();
    registry.introduce(&[&ended.der]);
    let shown = Shown::new(&[&der], &key);
    let unknown = Some(AlertDescription::CertificateUnknown);
    assert_eq!(told(|| verifier(&registry), &shown), unknown);
    // Nor does one that is not among the first eight.
    let team = Team::self_signed(plain_authority("team"));
    let (der, key) = team.issue(&plain("pump-7"));
    let mut many = vec![ended.der.as_slice(); 7];
    many.push(&team.der);
    registry.introduce(&many);
    let shown = Shown::new(&[&der], &key);
    assert_eq!(told(|| verifier(&registry), &shown), None);
    many.insert(0, &ended.der);
    registry.introduce(&many);
    assert_eq!(told(|| verifier(&registry), &shown), unknown);
}
