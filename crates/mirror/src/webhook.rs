//! What the webhooks of other sides show.

use aws_lc_rs::{constant_time, hmac};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of a secret.
const SECRET: usize = 32;

/// A new secret.
pub(crate) fn new_secret() -> String {
    let mut bytes = [0; SECRET];
    // The system's source of chance is there, or nothing of the platform would be.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        tracing::error!("there is no chance to be had: no webhook will be taken");
        return String::new();
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether a webhook shows anything at all: one that does not is not read.
pub(crate) fn is_signed(headers: &HeaderMap) -> bool {
    let names = ["x-hub-signature-256", "x-gitea-signature", "x-gitlab-token"];
    names.iter().any(|name| headers.contains_key(*name))
}

/// Whether a webhook is the one that has the secret: GitHub and Gitea sign the body with it, GitLab shows it.
pub(crate) fn is_genuine(headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
    if secret.is_empty() {
        return false;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signed = |hex: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = unhex(hex);
        tag.is_some_and(|tag| hmac::verify(&key, body, &tag).is_ok())
    };
    if let Some(value) = text("x-hub-signature-256") {
        return value.strip_prefix("sha256=").is_some_and(signed);
    }
    if let Some(value) = text("x-gitea-signature") {
        return signed(value);
    }
    text("x-gitlab-token").is_some_and(|value| {
        constant_time::verify_slices_are_equal(value.as_bytes(), secret.as_bytes()).is_ok()
    })
}

/// Whether it says that something was pushed; other things that happen there are of no interest here.
pub(crate) fn is_push(headers: &HeaderMap) -> bool {
    let names = ["x-github-event", "x-gitea-event", "x-gitlab-event"];
    names.iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        matches!(
            value,
            Some("push" | "Push Hook" | "Tag Push Hook" | "create")
        )
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|place| u8::from_str_radix(&text[place..place + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_webhook_shows_that_it_has_the_secret() {
        // The example of GitHub's own documentation.
        let secret = "It's a Secret to Everybody";
        let body = b"Hello, World!";
        let tag = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let github = format!("sha256={tag}");
        assert!(is_genuine(
            &headers(&[("x-hub-signature-256", &github)]),
            body,
            secret
        ));
        assert!(is_genuine(
            &headers(&[("x-gitea-signature", tag)]),
            body,
            secret
        ));
        assert!(is_genuine(
            &headers(&[("x-gitlab-token", secret)]),
            body,
            secret
        ));
        let other = tag.replace('7', "8");
        for wrong in [
            headers(&[]),
            headers(&[("x-hub-signature-256", tag)]),
            headers(&[("x-gitea-signature", &other)]),
            headers(&[("x-gitea-signature", "75")]),
            headers(&[("x-gitlab-token", "It's")]),
            // What is signed wrongly is not taken for the sake of another header.
            headers(&[
                ("x-hub-signature-256", "sha256=00"),
                ("x-gitlab-token", secret),
            ]),
        ] {
            assert!(!is_genuine(&wrong, body, secret), "{wrong:?}");
        }
        assert!(!is_genuine(&headers(&[("x-gitlab-token", "")]), body, ""));
    }

    #[test]
    fn a_push_is_told_from_other_things() {
        assert!(is_push(&headers(&[("x-github-event", "push")])));
        assert!(is_push(&headers(&[("x-gitlab-event", "Push Hook")])));
        assert!(!is_push(&headers(&[("x-github-event", "ping")])));
        assert!(!is_push(&headers(&[])));
    }
}
