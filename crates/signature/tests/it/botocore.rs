//! What boto3 and botocore sign, as it came over the wire. `fixtures/make.py` wrote it down.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use trunkline_model::Timestamp;
use trunkline_signature::{Claim, Form, Payload, SignatureError};

use crate::support::{Owned, after};

#[derive(Deserialize)]
struct Fixtures {
    access_key_id: String,
    secret: String,
    region: String,
    now: Timestamp,
    requests: Vec<Fixture>,
}

#[derive(Deserialize)]
struct Fixture {
    name: String,
    service: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    #[serde(default)]
    unsigned: bool,
    expires: Option<u32>,
}

impl Fixture {
    fn owned(&self) -> Owned {
        let headers = self.headers.iter().cloned();
        Owned {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: headers
                .map(|(name, value)| (name, value.into_bytes()))
                .collect(),
            body: STANDARD.decode(&self.body).unwrap(),
        }
    }
}

fn fixtures() -> Fixtures {
    serde_json::from_str(include_str!("fixtures/botocore.json")).unwrap()
}

/// The claims of all requests, each with its name.
fn each(look: impl Fn(&Fixtures, &Fixture, Owned, Claim)) {
    let fixtures = fixtures();
    assert!(fixtures.requests.len() > 50);
    for fixture in &fixtures.requests {
        let request = fixture.owned();
        let claim = request.check(&fixtures.secret, fixtures.now);
        let claim = claim.unwrap_or_else(|error| panic!("{}: {error}", fixture.name));
        look(&fixtures, fixture, request, claim);
    }
}

#[test]
fn every_request_is_from_who_it_says() {
    each(|fixtures, fixture, _, claim| {
        let name = &fixture.name;
        assert_eq!(claim.access_key_id(), fixtures.access_key_id, "{name}");
        assert_eq!(claim.region(), fixtures.region, "{name}");
        assert_eq!(claim.service(), fixture.service, "{name}");
        assert_eq!(claim.date(), fixtures.now, "{name}");
        let form = match fixture.expires {
            Some(seconds) => Form::Query { seconds },
            None => Form::Header,
        };
        assert_eq!(claim.form(), form, "{name}");
        let payload = if fixture.unsigned {
            Payload::Unsigned
        } else {
            Payload::Signed
        };
        assert_eq!(claim.payload(), payload, "{name}");
    });
}

#[test]
fn the_method_the_path_and_the_query_are_signed() {
    each(|fixtures, fixture, request, _| {
        let name = &fixture.name;
        let refused = |changed: Owned| {
            let error = changed.check(&fixtures.secret, fixtures.now).unwrap_err();
            assert!(
                matches!(error, SignatureError::Mismatch { .. }),
                "{name}: {error}"
            );
            assert_eq!(error.name(), "InvalidSignatureException");
        };
        for method in ["GET", "OPTIONS"] {
            if method != fixture.method {
                let method = method.into();
                refused(Owned {
                    method,
                    ..request.clone()
                });
            }
        }
        for path in [
            format!("{}x", fixture.path),
            format!("{}/x", fixture.path),
            format!("{}/../x", fixture.path),
            format!("{}%20", fixture.path),
        ] {
            refused(Owned {
                path,
                ..request.clone()
            });
        }
        for query in [
            format!("{}&x=1", fixture.query),
            format!("{}&x", fixture.query),
        ] {
            refused(Owned {
                query,
                ..request.clone()
            });
        }
        let (first, rest) = fixture
            .query
            .split_once('&')
            .unwrap_or((&fixture.query, ""));
        if !first.is_empty() && !first.starts_with("X-Amz-") {
            let query = rest.into();
            refused(Owned {
                query,
                ..request.clone()
            });
        }
    });
}

#[test]
fn each_signed_header_is_signed_and_no_other() {
    each(|fixtures, fixture, request, claim| {
        for (place, (name, _)) in fixture.headers.iter().enumerate() {
            let signed = claim.signed_headers().contains(&name.to_lowercase());
            let mut changed = request.clone();
            changed.headers[place].1.extend_from_slice(b"1");
            let mut without = request.clone();
            without.headers.remove(place);
            let label = format!("{}: {name}", fixture.name);
            if name == "Authorization" {
                assert!(
                    without.claim().is_err() && changed.claim().is_err(),
                    "{label}"
                );
                continue;
            }
            for other in [changed, without] {
                let found = other.check(&fixtures.secret, fixtures.now);
                assert_eq!(found.is_err(), signed, "{label}");
            }
        }
    });
}

#[test]
fn the_body_is_signed_where_the_claim_says_so() {
    each(|fixtures, fixture, mut request, claim| {
        let mut changed = vec![[&request.body[..], b"x"].concat()];
        if !request.body.is_empty() {
            let mut flipped = request.body.clone();
            flipped[0] ^= 1;
            changed.extend([flipped, Vec::new()]);
        }
        for body in changed {
            request.body = body;
            let found = request.check(&fixtures.secret, fixtures.now);
            let signed = claim.payload() != Payload::Unsigned;
            assert_eq!(found.is_err(), signed, "{}", fixture.name);
        }
    });
}

#[test]
fn the_secret_the_scope_and_the_signature_count() {
    each(|fixtures, fixture, request, claim| {
        let label = &fixture.name;
        let other_secret = fixtures.secret.to_lowercase();
        assert!(
            request.check(&other_secret, fixtures.now).is_err(),
            "{label}"
        );
        let signature = {
            let text = format!("{:?}", request.headers) + &request.query;
            assert!(!text.contains(&fixtures.secret), "{label}");
            claim
                .signature()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let first = if signature.starts_with('0') { "1" } else { "0" };
        let forged = format!("{first}{}", &signature[1..]);
        for (from, to) in [
            (fixtures.region.as_str(), "eu-west-1"),
            (fixture.service.as_str(), "sts"),
            (&signature, &forged),
        ] {
            let changed = match claim.form() {
                Form::Header => request
                    .clone()
                    .changed("Authorization", |value| value.replacen(from, to, 1)),
                Form::Query { .. } => {
                    let query = request.query.replacen(from, to, 1);
                    Owned {
                        query,
                        ..request.clone()
                    }
                }
            };
            let found = changed.check(&fixtures.secret, fixtures.now);
            assert!(found.is_err(), "{label}: {to}");
        }
    });
}

#[test]
fn a_request_holds_for_five_minutes_and_an_address_as_long_as_it_says() {
    each(|fixtures, fixture, request, _| {
        let at = |seconds: i64| request.check(&fixtures.secret, after(fixtures.now, seconds));
        let holds = i64::from(fixture.expires.unwrap_or(300));
        let label = &fixture.name;
        assert!(at(-300).is_ok() && at(holds).is_ok(), "{label}");
        let early = at(-301).unwrap_err();
        assert_eq!(early.name(), "InvalidSignatureException", "{label}");
        let late = at(holds + 1).unwrap_err();
        let name = match fixture.expires {
            Some(_) => "RequestExpired",
            None => "InvalidSignatureException",
        };
        assert_eq!(late.name(), name, "{label}: {late}");
        assert!(late.to_string().contains("20261126T120000Z"), "{late}");
    });
}

#[test]
fn a_session_token_is_handed_on_only_where_it_is_added_afterwards() {
    each(|fixtures, fixture, request, claim| {
        let label = &fixture.name;
        let token = fixture.query.contains("X-Amz-Security-Token");
        assert_eq!(claim.session_token(), token.then_some("a/b+c=="), "{label}");
        if token {
            return;
        }
        let header = request.clone().with("X-Amz-Security-Token", "t");
        let error = header.claim().unwrap_err();
        assert!(
            ["UnrecognizedClientException", "InvalidSignatureException"].contains(&error.name())
        );
        if fixture.expires.is_some() {
            let query = format!("{}&X-Amz-Security-Token=t", fixture.query);
            let added = Owned { query, ..request };
            match added.check(&fixtures.secret, fixtures.now) {
                Ok(claim) => assert_eq!(claim.service(), "iotdevicegateway", "{label}"),
                Err(error) => assert_eq!(error, SignatureError::SessionToken, "{label}"),
            }
        }
    });
}
