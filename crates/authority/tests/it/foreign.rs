//! Authorities that teams bring along.

use rcgen::{BasicConstraints, CustomExtension, IsCa, KeyPair, KeyUsagePurpose};
use trunkline_authority::{ForeignAuthority, Unreadable, Untrusted, verify_issued_by};

use crate::handmade;
use crate::support::{
    AUTHORITY, DAY, SECOND, Team, after, device, now, plain, plain_authority, set_validity,
};

fn read(pem: &str) -> Result<ForeignAuthority, Untrusted> {
    ForeignAuthority::read(pem.as_bytes(), now())
}

/// A critical extension that nobody has heard of.
fn critical() -> CustomExtension {
    let mut unheard = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![0x05, 0x00]);
    unheard.set_criticality(true);
    unheard
}

#[test]
fn a_self_signed_authority_is_taken() {
    let team = Team::self_signed(plain_authority("Team CA"));
    let authority = read(&team.pem).unwrap();
    assert_eq!(authority.known().subject, "CN=Team CA");
    assert_eq!(authority.der(), team.der);
    assert_eq!(read(&authority.pem()).unwrap(), authority);
    // `openssl req -x509` gives no key usage.
    let mut says = plain_authority("Team CA");
    says.key_usages.clear();
    read(&Team::self_signed(says).pem).unwrap();
}

#[test]
fn what_is_no_authority_is_refused() {
    let refused = |says| read(&Team::self_signed(says).pem).unwrap_err();
    assert_eq!(
        refused(plain("device")),
        Untrusted::NotAuthority("CN=device".into())
    );
    let mut says = plain_authority("a");
    says.is_ca = IsCa::ExplicitNoCa;
    assert_eq!(refused(says), Untrusted::NotAuthority("CN=a".into()));
    let mut says = plain_authority("a");
    says.key_usages = vec![KeyUsagePurpose::CrlSign];
    assert_eq!(refused(says), Untrusted::MayNotSign("CN=a".into()));
    let mut says = plain_authority("a");
    says.custom_extensions = vec![critical()];
    assert_eq!(refused(says), Untrusted::Extension("CN=a".into()));
    let key = KeyPair::generate().unwrap();
    let name = handmade::name(&[], "old");
    let version_1 = handmade::certificate(&name, &key, &name, &key, &[]);
    assert_eq!(
        ForeignAuthority::read(&version_1, now()),
        Err(Untrusted::NotAuthority("CN=old".into()))
    );
    assert_eq!(
        read("nothing"),
        Err(Untrusted::Unreadable(Unreadable::Missing("certificate")))
    );
}

#[test]
fn an_authority_is_taken_in_its_time_only() {
    let mut says = plain_authority("a");
    set_validity(&mut says, DAY, 2 * DAY);
    let team = Team::self_signed(says);
    assert!(matches!(read(&team.pem), Err(Untrusted::NotYet { .. })));
    let at = |micros| ForeignAuthority::read(team.pem.as_bytes(), after(micros));
    at(DAY).unwrap();
    // The last second belongs to it; the fractions of the tests' present are cut off.
    at(2 * DAY + SECOND / 2).unwrap();
    assert!(matches!(at(2 * DAY + SECOND), Err(Untrusted::Ended { .. })));
}

#[test]
fn a_forged_signature_is_refused() {
    let (one, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let name = handmade::name(&[], "a");
    let extensions = [handmade::authority()];
    let forged = handmade::certificate(&name, &other, &name, &one, &extensions);
    assert_eq!(
        ForeignAuthority::read(&forged, now()),
        Err(Untrusted::Signature("CN=a".into()))
    );
}

#[test]
fn an_authority_under_another_needs_those_above_it() {
    let root = Team::self_signed(plain_authority("root"));
    let middle = Team::under(plain_authority("middle"), &root);
    let team = Team::under(plain_authority("team"), &middle);
    assert_eq!(
        read(&team.pem),
        Err(Untrusted::Incomplete("CN=team".into()))
    );
    let half = format!("{}{}", team.pem, middle.pem);
    assert_eq!(read(&half), Err(Untrusted::Incomplete("CN=middle".into())));
    let whole = format!("{half}{}", root.pem);
    assert_eq!(read(&whole).unwrap().known().subject, "CN=team");
    let mixed = format!("{}{}{}", team.pem, root.pem, middle.pem);
    assert!(matches!(read(&mixed), Err(Untrusted::OtherIssuer { .. })));
    let same_name = Team::self_signed(plain_authority("root"));
    let forged = format!("{half}{}", same_name.pem);
    assert_eq!(read(&forged), Err(Untrusted::Signature("CN=middle".into())));
}

#[test]
fn a_limit_of_authorities_below_holds() {
    let chain = |below: u8| {
        let mut says = plain_authority("root");
        says.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
        let root = Team::self_signed(says);
        let middle = Team::under(plain_authority("middle"), &root);
        let team = Team::under(plain_authority("team"), &middle);
        format!("{}{}{}", team.pem, middle.pem, root.pem)
    };
    read(&chain(2)).unwrap();
    assert_eq!(
        read(&chain(1)),
        Err(Untrusted::PathLength("CN=root".into()))
    );
}

#[test]
fn who_has_the_private_key_can_prove_it() {
    let code = "66cdc109d6e8f59ddfa";
    let team = Team::self_signed(plain_authority("team"));
    let authority = read(&team.pem).unwrap();
    let (proof, _) = team.issue(&plain(code));
    authority.prove(&proof, code, now()).unwrap();
    assert_eq!(
        authority.prove(&proof, "another", now()),
        Err(Untrusted::Code)
    );
    let (nameless, _) = team.issue(&plain(""));
    assert_eq!(authority.prove(&nameless, "", now()), Err(Untrusted::Code));
    let mut says = plain(code);
    set_validity(&mut says, -2 * DAY, -DAY);
    let (old, _) = team.issue(&says);
    assert!(matches!(
        authority.prove(&old, code, now()),
        Err(Untrusted::Ended { .. })
    ));
    let thief = Team::self_signed(plain_authority("team"));
    let (forged, _) = thief.issue(&plain(code));
    assert_eq!(
        authority.prove(&forged, code, now()),
        Err(Untrusted::Signature(format!("CN={code}")))
    );
    // The authority's own certificate proves nothing, whatever it is called.
    let named = Team::self_signed(plain_authority(code));
    assert!(matches!(
        read(&named.pem).unwrap().prove(&named.der, code, now()),
        Err(Untrusted::Authority(_))
    ));
}

#[test]
fn a_proof_of_version_1_is_taken() {
    let key = KeyPair::generate().unwrap();
    let name = handmade::name(&["pumps", "valves"], "team");
    let extensions = [handmade::authority()];
    let team = handmade::certificate(&name, &key, &name, &key, &extensions);
    let authority = ForeignAuthority::read(&team, now()).unwrap();
    let subject = handmade::name(&[], "code");
    let other = KeyPair::generate().unwrap();
    let proof = handmade::certificate(&name, &key, &subject, &other, &[]);
    authority.prove(&proof, "code", now()).unwrap();
    verify_issued_by(&team, &proof, now()).unwrap();
}

#[test]
fn devices_are_those_of_their_authority_only() {
    let team = Team::self_signed(plain_authority("team"));
    let (leaf, _) = team.issue(&plain("pump-7"));
    verify_issued_by(&team.der, &leaf, now()).unwrap();
    verify_issued_by(team.pem.as_bytes(), &leaf, now()).unwrap();
    let own = AUTHORITY.chain_pem();
    assert!(matches!(
        verify_issued_by(own.as_bytes(), &leaf, now()),
        Err(Untrusted::OtherIssuer { .. })
    ));
    let device = device("pump-7").certificate;
    verify_issued_by(own.as_bytes(), device.pem.as_bytes(), now()).unwrap();
    // A device is no authority, whatever it signs.
    assert_eq!(
        verify_issued_by(&leaf, &leaf, now()),
        Err(Untrusted::NotAuthority("CN=pump-7".into()))
    );
    assert!(matches!(
        verify_issued_by(&team.der, &leaf, after(2 * DAY)),
        Err(Untrusted::Ended { .. })
    ));
    assert!(matches!(
        verify_issued_by(&team.der, &leaf, after(-2 * DAY)),
        Err(Untrusted::NotYet { .. })
    ));
    let mut says = plain("pump-7");
    says.custom_extensions = vec![critical()];
    let (odd, _) = team.issue(&says);
    assert_eq!(
        verify_issued_by(&team.der, &odd, now()),
        Err(Untrusted::Extension("CN=pump-7".into()))
    );
    let below = Team::under(plain_authority("below"), &team);
    assert_eq!(
        verify_issued_by(&team.der, &below.der, now()),
        Err(Untrusted::Authority("CN=below".into()))
    );
}
