//! Devices that are let in, and what the broker shows them.

use std::sync::Arc;

use rcgen::KeyPair;
use rustls::server::ServerSessionMemoryCache;
use rustls::{AlertDescription, HandshakeKind};
use trunkline_authority::{
    ALPN, ForeignAuthority, PrivateKeyPem, Standing, certificate_id, peer_certificate_id,
    server_config,
};

use crate::handmade;
use crate::support::{AUTHORITY, Team, device, now, plain, plain_authority};
use crate::wire::{
    Outcome, Registry, Shown, VERSIONS, client, connect, connect_watched, identity, server,
    server_certificate, verifier,
};

/// Both sides have to be content, and the broker has to know whom it let in.
fn assert_let_in(outcome: Outcome, der: &[u8]) {
    outcome.client.unwrap();
    let broker = outcome.server.unwrap();
    assert_eq!(peer_certificate_id(&broker), Some(certificate_id(der)));
}

#[test]
fn an_active_device_is_let_in_and_known_by_its_certificate() {
    let device = device("pump-7");
    let registry = Registry::with(&device.certificate.der, Standing::Active);
    for version in VERSIONS {
        let outcome = connect(
            &server(verifier(&registry)),
            &client(version, Some(&Shown::issued(&device)), &["mqtt"]),
        );
        let broker = outcome.server.as_ref().unwrap();
        assert_eq!(broker.protocol_version(), Some(version.version));
        assert_eq!(broker.alpn_protocol(), Some(b"mqtt".as_slice()));
        assert_let_in(outcome, &device.certificate.der);
    }
}

#[test]
fn nobody_is_known_before_the_handshake_is_over() {
    let device = device("pump-7");
    let registry = Registry::with(&device.certificate.der, Standing::Active);
    for version in VERSIONS {
        let mut looks = 0;
        let outcome = connect_watched(
            &server(verifier(&registry)),
            &client(version, Some(&Shown::issued(&device)), &[]),
            |broker| {
                looks += 1;
                assert_eq!(
                    peer_certificate_id(broker).is_none(),
                    broker.is_handshaking()
                );
            },
        );
        assert!(looks > 500);
        assert_let_in(outcome, &device.certificate.der);
    }
}

#[test]
fn keys_of_each_kind_can_prove_themselves() {
    let team = Team::self_signed(plain_authority("team"));
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
        &rcgen::PKCS_RSA_SHA256,
    ] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = plain("pump-7").signed_by(&key, &team.issuer).unwrap();
        let registry = Registry::with(certificate.der(), Standing::Active);
        for version in VERSIONS {
            let shown = Shown::new(&[certificate.der()], &key);
            let outcome = connect(
                &server(verifier(&registry)),
                &client(version, Some(&shown), &[]),
            );
            assert_let_in(outcome, certificate.der());
        }
    }
}

#[test]
fn a_device_with_a_certificate_of_version_1_is_let_in() {
    let (team, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let subject = handmade::name(&[], "old pump");
    let issuer = handmade::name(&[], "team");
    let der = handmade::certificate(&issuer, &team, &subject, &key, &[]);
    let registry = Registry::with(&der, Standing::Active);
    for version in VERSIONS {
        let shown = Shown::new(&[&der], &key);
        let outcome = connect(
            &server(verifier(&registry)),
            &client(version, Some(&shown), &[]),
        );
        assert_let_in(outcome, &der);
        let thief = Shown::new(&[&der], &team);
        let outcome = connect(
            &server(verifier(&registry)),
            &client(version, Some(&thief), &[]),
        );
        assert!(outcome.server.is_err());
    }
}

#[test]
fn a_pending_device_is_let_in_where_such_are_admitted() {
    let device = device("pump-7");
    let registry = Registry::with(&device.certificate.der, Standing::Pending);
    for version in VERSIONS {
        let outcome = connect(
            &server(verifier(&registry).admitting_pending()),
            &client(version, Some(&Shown::issued(&device)), &[]),
        );
        assert_let_in(outcome, &device.certificate.der);
    }
}

#[test]
fn a_client_without_a_certificate_is_let_in_where_it_may() {
    let registry = Arc::<Registry>::default();
    for version in VERSIONS {
        let client = client(version, None, &[]);
        let outcome = connect(&server(verifier(&registry).optional()), &client);
        outcome.client.unwrap();
        let broker = outcome.server.unwrap();
        assert!(!broker.is_handshaking());
        assert_eq!(peer_certificate_id(&broker), None);
    }
}

#[test]
fn a_certificate_that_is_optional_is_looked_at_all_the_same() {
    let device = device("pump-7");
    let registry = Registry::with(&device.certificate.der, Standing::Revoked);
    for version in VERSIONS {
        let outcome = connect(
            &server(verifier(&registry).optional()),
            &client(version, Some(&Shown::issued(&device)), &[]),
        );
        assert_eq!(outcome.alert(), Some(AlertDescription::CertificateRevoked));
    }
}

#[test]
fn protocols_are_agreed_upon_where_any_are_named() {
    let registry = Arc::<Registry>::default();
    let config = server(verifier(&registry).optional());
    for version in VERSIONS {
        let agreed = |alpn: &[&str]| {
            let outcome = connect(&config, &client(version, None, alpn));
            let broker = outcome.server.map_err(|_| outcome.client.unwrap_err())?;
            Ok::<_, rustls::Error>(broker.alpn_protocol().map(<[u8]>::to_vec))
        };
        assert_eq!(agreed(&[]), Ok(None));
        assert_eq!(agreed(&["h2", "mqtt"]), Ok(Some(b"mqtt".to_vec())));
        assert_eq!(
            agreed(&["x-amzn-mqtt-ca"]),
            Ok(Some(b"x-amzn-mqtt-ca".to_vec()))
        );
        assert_eq!(
            agreed(&["h2"]),
            Err(rustls::Error::AlertReceived(
                AlertDescription::NoApplicationProtocol
            ))
        );
    }
}

#[test]
fn a_device_that_is_revoked_cannot_resume_its_session() {
    let device = device("pump-7");
    let registry = Registry::with(&device.certificate.der, Standing::Active);
    let ours = server(verifier(&registry));
    let mut lax = server_config(Arc::new(verifier(&registry)), identity(), &ALPN).unwrap();
    lax.session_storage = ServerSessionMemoryCache::new(16);
    lax.send_tls13_tickets = 2;
    let lax = Arc::new(lax);
    for version in VERSIONS {
        let client = client(version, Some(&Shown::issued(&device)), &[]);
        for _ in 0..2 {
            let again = connect(&ours, &client);
            assert_eq!(again.client.unwrap().tls13_tickets_received(), 0);
            let broker = again.server.unwrap();
            assert_eq!(broker.handshake_kind(), Some(HandshakeKind::Full));
        }
        // The client would resume, and nobody would be asked, if the server only let it.
        connect(&lax, &client).server.unwrap();
        registry.set(&device.certificate.der, Standing::Revoked);
        let resumed = connect(&lax, &client).server.unwrap();
        assert_eq!(resumed.handshake_kind(), Some(HandshakeKind::Resumed));
        let refused = connect(&ours, &client);
        assert_eq!(refused.alert(), Some(AlertDescription::CertificateRevoked));
        registry.set(&device.certificate.der, Standing::Active);
    }
}

#[test]
fn the_server_certificate_is_replaced_while_the_server_runs() {
    let registry = Arc::<Registry>::default();
    let identity = identity();
    let verifier = Arc::new(verifier(&registry).optional());
    let config = Arc::new(server_config(verifier, identity.clone(), &ALPN).unwrap());
    let new = server_certificate(31);
    let chain = format!("{}{}", new.certificate.pem, AUTHORITY.chain_pem());
    for version in VERSIONS {
        let seen = || {
            let outcome = connect(&config, &client(version, None, &[]));
            let chain = outcome
                .client
                .unwrap()
                .peer_certificates()
                .unwrap()
                .to_vec();
            assert_eq!(chain.len(), 2);
            certificate_id(&chain[0])
        };
        let before = seen();
        // What cannot be used changes nothing.
        let other_key = device("a").private_key;
        identity.replace(&chain, &other_key).unwrap_err();
        identity.replace("", &new.private_key).unwrap_err();
        let no_key = PrivateKeyPem::from(chain.clone());
        identity.replace(&chain, &no_key).unwrap_err();
        assert_eq!(seen(), before);
        identity.replace(&chain, &new.private_key).unwrap();
        assert_eq!(seen(), new.certificate.known.id);
    }
    let printed = format!("{identity:?}");
    assert!(printed.contains(&new.certificate.known.id), "{printed}");
}

#[test]
fn authorities_are_named_to_clients_where_they_are_hinted_at() {
    let team = Team::self_signed(plain_authority("team"));
    let authority = ForeignAuthority::read(&team.der, now()).unwrap();
    let (der, key) = team.issue(&plain("pump-7"));
    let registry = Registry::with(&der, Standing::Active);
    for version in VERSIONS {
        let shown = Shown::new(&[&der], &key);
        let client = client(version, Some(&shown), &[]);
        connect(&server(verifier(&registry)), &client)
            .server
            .unwrap();
        assert!(shown.hints.lock().unwrap().is_empty());
        let hinting = verifier(&registry).with_hints([&authority]);
        connect(&server(hinting), &client).server.unwrap();
        let hints = shown.hints.lock().unwrap().clone();
        assert_eq!(hints, [handmade::name(&[], "team")]);
    }
}
