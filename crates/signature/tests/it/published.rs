//! The examples that AWS published with the algorithm.

use crate::support::Owned;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn authorization(service: &str, signed: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, SignedHeaders={signed}, Signature={signature}"
    )
}

#[test]
fn the_vanilla_request_of_the_test_suite() {
    let mut request = Owned::get("/").with("X-Amz-Date", "20150830T123600Z").with(
        "Authorization",
        &authorization(
            "service",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
    );
    request = request.changed("Host", |_| "example.amazonaws.com".into());
    let now = "2015-08-30T12:36:00Z".parse().unwrap();
    let claim = request.check(SECRET, now).unwrap();
    assert_eq!((claim.region(), claim.service()), ("us-east-1", "service"));
    assert_eq!((claim.access_key_id(), claim.date()), ("AKIDEXAMPLE", now));
    assert_eq!(claim.signed_headers(), ["host", "x-amz-date"]);
}

#[test]
fn the_list_of_users_of_the_general_reference() {
    let mut request = Owned::get("/")
        .with(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )
        .with("X-Amz-Date", "20150830T123600Z")
        .with(
            "Authorization",
            &authorization(
                "iam",
                "content-type;host;x-amz-date",
                "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            ),
        )
        .changed("Host", |_| "iam.amazonaws.com".into());
    request.query = "Action=ListUsers&Version=2010-05-08".into();
    let now = "2015-08-30T12:36:00Z".parse().unwrap();
    assert!(request.check(SECRET, now).is_ok());
}
