//! One test for each rule that botocore never breaks.

use trunkline_model::Timestamp;
use trunkline_signature::{Body, Claim, Form, Payload, Request, SignatureError, Signer};

use crate::support::{Owned, after};

const SIGNER: Signer<'_> = Signer {
    access_key_id: "TLAK1",
    secret: "secret",
    region: "eu-central-1",
    service: "iot",
};

fn now() -> Timestamp {
    "2026-11-26T23:59:59Z".parse().unwrap()
}

/// A request that is signed as it should be.
fn signed() -> Owned {
    sign(Owned::get("/things"))
}

fn sign(mut request: Owned) -> Owned {
    let headers = request
        .lent(|lent| SIGNER.sign(lent, Body::Bytes(&request.body), now()))
        .unwrap();
    for (name, value) in headers {
        request.headers.push((name.into(), value.into_bytes()));
    }
    request
}

fn presigned(seconds: u32) -> Owned {
    let mut request = Owned::get("/things");
    request.query = "a=b%20c".into();
    request.query = request
        .lent(|lent| SIGNER.presign(lent, Body::Bytes(b""), seconds, now()))
        .unwrap();
    request
}

fn refusal(request: &Owned) -> (&'static str, String) {
    let error = request.check("secret", now()).unwrap_err();
    (error.name(), error.to_string())
}

const INCOMPLETE: &str = "IncompleteSignatureException";

#[test]
fn what_is_not_signed_may_show_something_else() {
    let plain = Owned::get("/");
    let bearer = Owned::get("/").with("Authorization", "Bearer tl_x");
    let mut query = Owned::get("/");
    query.query = "x-amz-algorithm=1&X-Amz-Date=2".into();
    for request in [plain, bearer, query] {
        let error = request.claim().unwrap_err();
        assert_eq!(error, SignatureError::Missing);
        assert_eq!(error.name(), "MissingAuthenticationTokenException");
        assert_eq!(error.status(), 403);
    }
}

#[test]
fn one_claim_is_enough() {
    let both = presigned(60).with("Authorization", "Bearer tl_x");
    let twice = signed().with("Authorization", "Bearer tl_x");
    let mut doubled = presigned(60);
    doubled.query = format!("{0}&{0}", doubled.query);
    for request in [both, twice, doubled] {
        let (name, text) = refusal(&request);
        assert_eq!(name, INCOMPLETE);
        assert!(text.contains("more than once"), "{text}");
    }
}

#[test]
fn the_header_has_three_parts_in_any_order() {
    let request = signed();
    let reordered = request.clone().changed("authorization", |value| {
        let (algorithm, parts) = value.split_once(' ').unwrap();
        let mut parts: Vec<&str> = parts.split(", ").collect();
        parts.reverse();
        format!("{algorithm}   {}", parts.join(","))
    });
    assert!(reordered.check("secret", now()).is_ok());
    for (from, to, says) in [
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", "only algorithm"),
        (
            "AWS4-HMAC-SHA256",
            "AWS4-ECDSA-P256-SHA256",
            "only algorithm",
        ),
        ("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256", "only algorithm"),
        ("Credential=", "Credentials=", "Authorization is"),
        ("Signature=", "Signature=0, Signature=", "Authorization is"),
        (
            ", SignedHeaders",
            ", X=1, SignedHeaders",
            "Authorization is",
        ),
        ("SignedHeaders=", "SignedHeaders=x;", "alphabetical"),
        ("Signature=", "Signature=0", "64 hexadecimal"),
        ("/20261126/", "/20261125/", "day in Credential"),
        ("/aws4_request", "/aws4", "<access key>"),
    ] {
        let changed = request
            .clone()
            .changed("authorization", |value| value.replacen(from, to, 1));
        let (name, text) = refusal(&changed);
        assert_eq!(name, INCOMPLETE, "{to}");
        assert!(text.contains(says), "{to}: {text}");
    }
    for part in ["Credential", "SignedHeaders", "Signature"] {
        let without = request.clone().changed("authorization", |value| {
            let (algorithm, parts) = value.split_once(' ').unwrap();
            let left: Vec<&str> = parts
                .split(", ")
                .filter(|other| !other.starts_with(&format!("{part}=")))
                .collect();
            format!("{algorithm} {}", left.join(", "))
        });
        let (name, text) = refusal(&without);
        assert_eq!((name, text.contains(part)), (INCOMPLETE, true), "{text}");
    }
}

#[test]
fn an_address_has_five_parts() {
    let whole = presigned(60);
    for part in [
        "Algorithm",
        "Credential",
        "Date",
        "SignedHeaders",
        "Signature",
    ] {
        let mut request = whole.clone();
        let left: Vec<&str> = whole
            .query
            .split('&')
            .filter(|pair| !pair.starts_with(&format!("X-Amz-{part}=")))
            .collect();
        request.query = left.join("&");
        let (name, text) = refusal(&request);
        assert_eq!((name, text.contains(part)), (INCOMPLETE, true), "{text}");
    }
    for expires in ["0", "604801", "-1", "+60", "1.5", "", "99999999999"] {
        let mut request = whole.clone();
        request.query = request
            .query
            .replace("Expires=60", &format!("Expires={expires}"));
        assert!(refusal(&request).1.contains("1 to 604800"), "{expires}");
    }
    let claim = presigned(604_800).claim().unwrap();
    assert_eq!(claim.form(), Form::Query { seconds: 604_800 });
}

#[test]
fn an_address_that_does_not_say_how_long_holds_a_quarter_of_an_hour() {
    let mut request = presigned(60);
    request.query = request.query.replace("&X-Amz-Expires=60", "");
    assert_eq!(
        request.claim().unwrap().form(),
        Form::Query { seconds: 900 }
    );
}

#[test]
fn dates_are_one_time() {
    for date in [
        "",
        "20261126",
        "2026-11-26T23:59:59Z",
        "20261126T235959",
        "\u{e9}",
    ] {
        let (name, text) = refusal(&signed().changed("x-amz-date", |_| date.into()));
        assert_eq!(
            (name, text.contains("one time as")),
            (INCOMPLETE, true),
            "{date}"
        );
    }
    let mut without = signed();
    without.headers.retain(|(name, _)| name != "x-amz-date");
    assert!(refusal(&without).1.contains("X-Amz-Date and Date"));
    let twice = signed().with("x-amz-date", "20261126T235959Z");
    assert_eq!(refusal(&twice).0, INCOMPLETE);
}

#[test]
fn whatever_begins_with_x_amz_must_be_signed() {
    let (name, text) = refusal(&signed().with("X-Amz-Target", "a"));
    assert_eq!(name, "InvalidSignatureException");
    assert!(text.contains("`x-amz-target`"), "{text}");
    assert!(
        signed()
            .with("X-Amzn-Trace-Id", "a")
            .check("secret", now())
            .is_ok()
    );
    let mut presigned = presigned(60).with("X-Amz-Target", "a");
    assert!(refusal(&presigned).1.contains("`x-amz-target`"));
    presigned.headers.clear();
    assert!(refusal(&presigned).1.contains("`host`"));
}

#[test]
fn the_told_hash_is_that_of_the_body() {
    let mut request = signed();
    assert!(matches!(
        request.claim().unwrap().payload(),
        Payload::Told(_)
    ));
    request.body = b"other".into();
    let (name, _) = refusal(&request);
    assert_eq!(name, "XAmzContentSHA256Mismatch");
    for told in ["", "x", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let changed = signed().changed("x-amz-content-sha256", |_| told.into());
        assert_eq!(refusal(&changed).0, INCOMPLETE, "{told}");
    }
    let streaming = signed().changed("x-amz-content-sha256", |_| "STREAMING-X".into());
    assert!(refusal(&streaming).1.contains("in chunks"));
}

#[test]
fn an_address_may_tell_the_hash_too() {
    let mut request = Owned::get("/things");
    request.query = "X-Amz-Content-Sha256=UNSIGNED-PAYLOAD".into();
    request.query = request
        .lent(|lent| SIGNER.presign(lent, Body::Bytes(b""), 60, now()))
        .unwrap();
    request.body = b"anything".into();
    let claim = request.check("secret", now()).unwrap();
    assert_eq!(claim.payload(), Payload::Unsigned);
}

#[test]
fn a_hash_is_as_good_as_the_body() {
    let mut request = Owned::get("/things");
    request.body = b"body".into();
    let request = sign(request);
    let digest = Body::Bytes(&request.body).digest();
    let claim = request.claim().unwrap();
    let verify = |body: Body<'_>| request.lent(|lent| claim.verify(lent, "secret", body, now()));
    assert_eq!(verify(Body::Digest(digest)), Ok(()));
    assert_eq!(verify(Body::Digest([0; 32])), Err(SignatureError::Body));
}

#[test]
fn a_head_is_judged_before_its_body_is_there() {
    let head = |request: &Owned, secret: &str, now| {
        let claim = request.claim().unwrap();
        let judged = request.lent(|lent| claim.verify_head(lent, secret, now));
        judged.map_err(|error| error.name())
    };
    let wrong = Err("InvalidSignatureException");
    let mut told = signed();
    told.body = b"another".into();
    assert_eq!(head(&told, "secret", now()), Ok(()));
    assert_eq!(head(&told, "other", now()), wrong);
    assert_eq!(head(&told, "secret", after(now(), 301)), wrong);
    assert_eq!(refusal(&told).0, "XAmzContentSHA256Mismatch");
    // Where the hash is not told, the time alone can be looked at.
    let untold = presigned(60);
    assert_eq!(untold.claim().unwrap().payload(), Payload::Signed);
    assert_eq!(head(&untold, "other", now()), Ok(()));
    let late = head(&untold, "secret", after(now(), 61));
    assert_eq!(late, Err("RequestExpired"));
}

#[test]
fn a_session_token_is_refused_wherever_it_stands() {
    let header = signed().with("X-Amz-Security-Token", "t");
    let mut query = signed();
    query.query = "X-Amz-Security-Token=t".into();
    let mut address = presigned(60);
    address.query += "&X-Amz-Security-Token=t";
    for request in [header, query, address] {
        let error = request.claim().unwrap_err();
        assert_eq!(error, SignatureError::SessionToken);
        assert_eq!(
            (error.name(), error.status()),
            ("UnrecognizedClientException", 403)
        );
        assert!(error.to_string().contains("session token"), "{error}");
    }
}

#[test]
fn who_signs_wrongly_sees_what_to_sign_and_no_secret() {
    let error = signed().check("other secret", now()).unwrap_err();
    let SignatureError::Mismatch { canonical } = &error else {
        panic!("{error}");
    };
    assert!(
        canonical.starts_with("GET\n/things\n\nhost:example.com\n"),
        "{canonical}"
    );
    let claim = signed().claim().unwrap();
    let text = format!("{error} {error:?} {SIGNER:?} {claim:?}");
    assert!(
        !text.contains("secret\"") && !text.contains("other secret"),
        "{text}"
    );
    let signature: String = claim
        .signature()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(
        !text.contains(&signature) && text.contains("TLAK1"),
        "{text}"
    );
    let long = sign(Owned::get(&format!("/{}", "a".repeat(8_000))));
    let SignatureError::Mismatch { canonical } = long.check("other", now()).unwrap_err() else {
        panic!();
    };
    assert_eq!(canonical.len(), 4_096);
}

#[test]
fn spellings_of_one_path_have_one_signature() {
    let request = sign(Owned::get("/things/a"));
    for path in ["//things/./a", "/x/../things/a"] {
        let path = path.into();
        let other = Owned {
            path,
            ..request.clone()
        };
        assert!(other.check("secret", now()).is_ok());
    }
}

#[test]
fn what_is_too_large_is_not_looked_at() {
    let request = signed();
    let with = |change: &dyn Fn(&mut Owned)| {
        let mut request = request.clone();
        change(&mut request);
        request.claim().unwrap_err()
    };
    let many = |count: usize| {
        move |request: &mut Owned| {
            request
                .headers
                .extend((0..count).map(|_| ("a".into(), Vec::new())));
        }
    };
    for (error, says) in [
        (
            with(&|request| request.method = "A".repeat(33)),
            "the method",
        ),
        (
            with(&|request| request.path = "/".repeat(8_193)),
            "the path",
        ),
        (
            with(&|request| request.query = "a".repeat(16_385)),
            "16384 bytes",
        ),
        (
            with(&|request| request.query = "&".repeat(256)),
            "256 parameters",
        ),
        (with(&many(128)), "128 of them"),
        (
            with(&|request| request.headers.push(("a".into(), vec![b'a'; 65_536]))),
            "65536 bytes",
        ),
    ] {
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!((error.name(), error.status()), (INCOMPLETE, 400));
    }
    let long = request.clone().changed("authorization", |value| {
        value.to_owned() + &" ".repeat(8_192)
    });
    assert!(refusal(&long).1.contains("Authorization"));
}

#[test]
fn nobody_signs_what_would_be_refused() {
    let signer = |change: fn(&mut Signer<'_>)| {
        let mut signer = SIGNER;
        change(&mut signer);
        Owned::get("/").lent(|lent| signer.sign(lent, Body::Bytes(b""), now()))
    };
    assert!(signer(|_| {}).is_ok());
    assert!(signer(|signer| signer.access_key_id = "a/b").is_err());
    assert!(signer(|signer| signer.region = "").is_err());
    assert!(signer(|signer| signer.service = "a b").is_err());
    let sign = |request: &Owned| request.lent(|lent| SIGNER.sign(lent, Body::Bytes(b""), now()));
    assert!(sign(&Owned::get("/").with("x-amz-date", "20261126T235959Z")).is_err());
    assert!(sign(&Owned::get("/").with("x-amz-security-token", "t")).is_err());
    assert!(sign(&Owned::get("/").with("authorization", "Bearer t")).is_err());
    let no_host = Request {
        method: "GET",
        path: "/",
        query: "",
        headers: &[],
    };
    assert!(SIGNER.sign(&no_host, Body::Bytes(b""), now()).is_err());
    let presign = |seconds| {
        Owned::get("/").lent(|lent| SIGNER.presign(lent, Body::Bytes(b""), seconds, now()))
    };
    assert!(presign(0).is_err() && presign(604_801).is_err() && presign(604_800).is_ok());
    let again = presigned(60).lent(|lent| SIGNER.presign(lent, Body::Bytes(b""), 60, now()));
    assert!(again.is_err());
}

#[test]
fn a_request_that_is_signed_before_midnight_may_come_after_it() {
    let request = signed();
    assert!(request.check("secret", after(now(), 60)).is_ok());
    assert_eq!(Claim::date(&request.claim().unwrap()), now());
}

#[test]
fn the_caller_has_words_for_keys_that_nobody_has() {
    let error = SignatureError::UnknownKey;
    assert_eq!(
        (error.name(), error.status()),
        ("UnrecognizedClientException", 403)
    );
}
