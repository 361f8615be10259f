//! What holds for any request: what is signed verifies, and any changed byte does not.

use proptest::prelude::*;
use trunkline_model::Timestamp;
use trunkline_signature::{Body, Claim, Signer};

use crate::support::{Owned, after};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn signer(secret: &str) -> Signer<'_> {
    Signer {
        access_key_id: "TLAK1",
        secret,
        region: "eu-central-1",
        service: "iotdata",
    }
}

/// Any path, with all that paths should not have.
fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        "(/[a-z$%.~ \u{e4}]{0,4}){0,6}/?",
        "(/(\\.|\\.\\.|a|%2F|%|)){1,8}",
        "/[ -~]{0,30}",
    ]
}

fn query() -> impl Strategy<Value = String> {
    let name = prop_oneof!["[a-cA-C]{1,3}", "(%[0-9a-fA-F]{2}|[ -%'-~\u{e4}]){1,4}"];
    let value = prop_oneof!["", "[a-z0-9]{0,4}", "(%[0-9a-fA-F]{2}|[!-%'-~+%]){0,6}"];
    let pair = (name, value, any::<bool>()).prop_map(|(name, value, sign)| {
        let equals = if sign { "=" } else { "" };
        format!("{}{equals}{value}", name.replace('=', ""))
    });
    prop::collection::vec(pair, 0..6).prop_map(|pairs| pairs.join("&"))
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let value = prop::collection::vec(
        prop_oneof![4 => b'a'..=b'z', 1 => Just(b' '), 1 => 0x80..=0xff_u8],
        0..12,
    );
    prop::collection::vec(("x-(amz-meta|[A-C])-[a-c]{0,2}", value), 0..5)
}

fn request() -> impl Strategy<Value = Owned> {
    let body = prop::collection::vec(any::<u8>(), 0..64);
    let method = prop_oneof![Just("GET"), Just("POST"), Just("DELETE")];
    (method, path(), query(), headers(), body).prop_map(|(method, path, query, headers, body)| {
        let mut request = Owned::get(&path);
        request.method = method.into();
        request.query = query;
        request.headers.extend(headers);
        request.body = body;
        request
    })
}

fn sign(mut request: Owned, secret: &str) -> Owned {
    let signed = request.lent(|lent| signer(secret).sign(lent, Body::Bytes(&request.body), NOW));
    for (name, value) in signed.unwrap() {
        request.headers.push((name.into(), value.into_bytes()));
    }
    request
}

fn presign(mut request: Owned, secret: &str) -> Owned {
    request.query = request
        .lent(|lent| signer(secret).presign(lent, Body::Bytes(&request.body), 900, NOW))
        .unwrap();
    request
}

/// `text` with one letter or digit replaced by another, if it has any after `from`.
fn changed(text: &str, from: usize, pick: prop::sample::Index) -> Option<String> {
    let places: Vec<usize> = text
        .bytes()
        .enumerate()
        .skip(from)
        .filter(|(_, byte)| byte.is_ascii_alphanumeric())
        .map(|(place, _)| place)
        .collect();
    if places.is_empty() {
        return None;
    }
    let place = *pick.get(&places);
    let mut bytes = text.as_bytes().to_vec();
    // `q` is no hexadecimal digit, so an encoded byte is not merely written in another way.
    bytes[place] = if bytes[place] == b'q' { b'w' } else { b'q' };
    String::from_utf8(bytes).ok()
}

fn refused(request: &Owned, secret: &str) -> bool {
    request.check(secret, NOW).is_err()
}

/// The path without what does not count, so that the test knows of two whether they are one.
fn cleared(path: &str) -> (Vec<&str>, bool) {
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !["", "."].contains(part)) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let ends = path.ends_with('/') && !parts.is_empty();
    (parts, ends)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_signed_verifies(request in request(), secret in "[!-~]{1,40}", late in -300..=300_i64) {
        for signed in [sign(request.clone(), &secret), presign(request, &secret)] {
            let claim = signed.check(&secret, after(NOW, late));
            prop_assert!(claim.is_ok(), "{:?}", claim);
            let claim = claim.unwrap();
            prop_assert_eq!((claim.region(), claim.service()), ("eu-central-1", "iotdata"));
            let other = signed.check(&format!("{secret}x"), NOW);
            prop_assert_eq!(other.map_err(|error| error.name()), Err("InvalidSignatureException"));
        }
    }

    #[test]
    fn any_changed_byte_does_not(request in request(), pick: prop::sample::Index) {
        let secret = "secret";
        for signed in [sign(request.clone(), secret), presign(request.clone(), secret)] {
            if let Some(path) = changed(&signed.path, 0, pick)
                && cleared(&path) != cleared(&signed.path)
            {
                prop_assert!(refused(&Owned { path, ..signed.clone() }, secret), "path");
            }
            if let Some(query) = changed(&signed.query, 0, pick) {
                prop_assert!(refused(&Owned { query: query.clone(), ..signed.clone() }, secret), "query {query}");
            }
            let mut body = signed.body.clone();
            if body.is_empty() { body.push(0) } else { let place = pick.index(body.len()); body[place] ^= 1 << (place % 8) }
            prop_assert!(refused(&Owned { body, ..signed.clone() }, secret), "body");
            let mut one = signed.clone();
            let place = pick.index(one.headers.len());
            let value = &mut one.headers[place].1;
            if value.is_empty() { value.push(b'q') } else {
                let at = pick.index(value.len());
                value[at] = if value[at] == b'q' { b'w' } else { b'q' };
            }
            let is_key = one.headers[place].0 == "authorization" && one.claim().is_ok_and(|claim| claim.access_key_id() != "TLAK1");
            // Nothing signs the id in the header: another id has another secret.
            prop_assert!(is_key || blank_changed(&signed, &one) || refused(&one, secret), "{:?}", one.headers[place]);
        }
    }

    #[test]
    fn nothing_that_is_sent_makes_it_panic(
        authorization in prop_oneof!["AWS4-HMAC-SHA256 [ -~]{0,60}", "AWS4-HMAC-SHA256 (Credential|Signature|SignedHeaders)=[a-z/;]{0,20},[ -~]{0,40}", ".{0,40}"],
        path in ".{0,20}",
        query in prop_oneof![".{0,40}", "X-Amz-(Algorithm|Credential|Signature|Date|Expires)=[!-~]{0,30}(&X-Amz-[A-Z][a-z]{0,8}=[!-~]{0,9}){0,3}"],
    ) {
        let mut request = Owned::get(&path).with("X-Amz-Date", "20261118T200000Z").with("Authorization", &authorization);
        request.query = query;
        prop_assert!(request.claim().is_err());
        request.headers.pop();
        prop_assert!(request.claim().is_err());
    }

    #[test]
    fn the_query_may_come_in_another_order(request in request(), turn in 0..6_usize) {
        let signed = presign(request, "secret");
        let mut pairs: Vec<&str> = signed.query.split('&').collect();
        let turn = turn % pairs.len();
        pairs.rotate_left(turn);
        let turned = Owned { query: pairs.join("&"), ..signed.clone() };
        prop_assert!(turned.check("secret", NOW).is_ok());
        prop_assert_eq!(turned.lent(Claim::read).unwrap(), signed.lent(Claim::read).unwrap());
    }
}

/// Whether the two differ only in blanks of a header that do not count.
fn blank_changed(one: &Owned, other: &Owned) -> bool {
    let words = |request: &Owned| -> Vec<(String, Vec<Vec<u8>>)> {
        let words = |value: &[u8]| {
            let words = value
                .split(|byte| *byte == b' ')
                .filter(|word| !word.is_empty());
            words.map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        let headers = request.headers.iter();
        headers
            .map(|(name, value)| (name.clone(), words(value)))
            .collect()
    };
    words(one) == words(other)
}
