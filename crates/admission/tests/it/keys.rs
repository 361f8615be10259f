//! Key sets that change, and issuers that are slow, down or flooded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use serde_json::json;
use trunkline_admission::TokenError;

use crate::support::{KEYS, Signer, Site, at, claims, config, until, verifier};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_unknown_keys_is_one_fetch_in_thirty_seconds() {
    let signer = Signer::ec("e");
    let site = Site::new(&[&signer]);
    let verifier = Arc::new(verifier(&site, config()));
    assert!(
        verifier
            .verify(&signer.token(&claims("ada")), at(0))
            .await
            .is_ok()
    );
    for (seconds, fetches) in [(0, 2), (29, 2), (30, 3), (61, 4)] {
        let mut flood = tokio::task::JoinSet::new();
        for n in 0..200 {
            let header = json!({"alg": "ES256", "kid": format!("made-up-{n}")});
            let token = signer.sign(&header, &claims("ada"));
            let verifier = Arc::clone(&verifier);
            flood.spawn(async move { verifier.verify(&token, at(seconds)).await });
        }
        while let Some(outcome) = flood.join_next().await {
            assert_eq!(outcome.unwrap(), Err(TokenError::KeyUnknown));
        }
        assert_eq!(site.fetched(), fetches, "after {seconds} s");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_under_load_without_a_refused_request() {
    let (old, new) = (Arc::new(Signer::ec("old")), Arc::new(Signer::ec("new")));
    let site = Site::new(&[&old]);
    let verifier = Arc::new(verifier(&site, config()));
    let (is_new, is_over) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let passed = Arc::new(AtomicUsize::new(0));
    let mut load = tokio::task::JoinSet::new();
    for task in 0..8 {
        let (old, new) = (Arc::clone(&old), Arc::clone(&new));
        let (is_new, is_over) = (Arc::clone(&is_new), Arc::clone(&is_over));
        let (verifier, passed) = (Arc::clone(&verifier), Arc::clone(&passed));
        load.spawn(async move {
            let mut n = 0;
            while !is_over.load(Ordering::SeqCst) {
                n += 1;
                let signer = if is_new.load(Ordering::SeqCst) {
                    &new
                } else {
                    &old
                };
                let token = signer.token(&claims(&format!("{task}-{n}")));
                verifier.verify(&token, at(1)).await.unwrap();
                passed.fetch_add(1, Ordering::SeqCst);
                // Nothing here waits, so the clock that the test waits by would stand still.
                tokio::task::yield_now().await;
            }
        });
    }
    until("some pass with the old key", || {
        passed.load(Ordering::SeqCst) > 100
    })
    .await;
    // The issuer shows the new key beside the old one before it signs with it.
    site.show(&[&old, &new]);
    is_new.store(true, Ordering::SeqCst);
    let before = passed.load(Ordering::SeqCst);
    until("some pass with the new key", || {
        passed.load(Ordering::SeqCst) > before + 100
    })
    .await;
    is_over.store(true, Ordering::SeqCst);
    while let Some(outcome) = load.join_next().await {
        outcome.unwrap();
    }
    assert_eq!(site.fetched(), 2);
}

#[tokio::test]
async fn a_removed_key_opens_nothing_although_its_token_is_remembered() {
    let (bad, good) = (Signer::ec("bad"), Signer::ec("good"));
    let site = Site::new(&[&bad, &good]);
    let verifier = verifier(&site, config());
    let (stolen, honest) = (bad.token(&claims("ada")), good.token(&claims("bob")));
    assert!(verifier.verify(&stolen, at(0)).await.is_ok());
    assert!(verifier.verify(&honest, at(0)).await.is_ok());
    site.show(&[&good]);
    verifier.refresh_due(at(599));
    assert_eq!(site.fetched(), 1, "still fresh");
    verifier.refresh_due(at(600));
    until("the token is forgotten", || {
        verifier.verify_cached(&stolen, at(600)).is_none()
    })
    .await;
    let refused = verifier.verify(&stolen, at(600)).await;
    assert_eq!(refused, Err(TokenError::KeyUnknown));
    assert!(verifier.verify_cached(&honest, at(600)).is_some());
    // The same id for another key is another key.
    let other = Signer::ec("good");
    site.show(&[&other]);
    verifier.refresh_due(at(1_300));
    until("the other key is here", || {
        verifier.verify_cached(&honest, at(1_300)).is_none()
    })
    .await;
    let refused = verifier.verify(&honest, at(1_300)).await;
    assert_eq!(refused, Err(TokenError::Signature));
}

#[tokio::test]
async fn an_issuer_that_is_down_or_slow_does_not_stop_those_who_hold_its_tokens() {
    let signer = Signer::ec("e");
    let site = Site::new(&[&signer]);
    let verifier = verifier(&site, config());
    assert!(
        verifier
            .verify(&signer.token(&claims("a")), at(0))
            .await
            .is_ok()
    );
    site.is_down.store(true, Ordering::SeqCst);
    verifier.refresh_due(at(700));
    until("the failure is noted", || {
        verifier.status()[0].problem.is_some()
    })
    .await;
    assert_eq!(verifier.status()[0].keys, 1);
    assert!(
        verifier
            .verify(&signer.token(&claims("b")), at(700))
            .await
            .is_ok()
    );
    verifier.refresh_due(at(704));
    assert_eq!(site.fetched(), 2, "not tried again at once");
    // Now it does not answer at all: nobody waits for it.
    site.answers.forget_permits(1_000_000);
    verifier.refresh_due(at(705));
    until("a fetch hangs", || site.fetched() == 3).await;
    assert!(
        verifier
            .verify(&signer.token(&claims("c")), at(705))
            .await
            .is_ok()
    );
    site.is_down.store(false, Ordering::SeqCst);
    site.answers.add_permits(10);
    until("it is well again", || {
        verifier.status()[0].problem.is_none()
    })
    .await;
    assert_eq!(verifier.status()[0].fetched, Some(at(705)));
}

#[tokio::test]
async fn without_keys_there_is_an_answer_and_no_storm() {
    let signer = Signer::ec("e");
    let site = Site::new(&[&signer]);
    site.is_down.store(true, Ordering::SeqCst);
    let verifier = verifier(&site, config());
    let token = signer.token(&claims("ada"));
    let unavailable = Err(TokenError::KeysUnavailable("id".into()));
    for _ in 0..50 {
        assert_eq!(verifier.verify(&token, at(0)).await, unavailable);
    }
    assert_eq!(site.fetched(), 1);
    site.is_down.store(false, Ordering::SeqCst);
    assert!(verifier.verify(&token, at(5)).await.is_ok());
}

#[tokio::test]
async fn a_key_set_that_has_not_changed_is_not_sent_again() {
    let signer = Signer::ec("e");
    let site = Site::new(&[&signer]);
    let verifier = verifier(&site, config());
    let token = signer.token(&claims("ada"));
    assert!(verifier.verify(&token, at(0)).await.is_ok());
    verifier.refresh_due(at(600));
    until("it is confirmed", || {
        verifier.status()[0].fetched == Some(at(600))
    })
    .await;
    assert_eq!(site.not_modified.load(Ordering::SeqCst), 1);
    assert!(verifier.verify_cached(&token, at(600)).is_some());
    verifier.refresh_due(at(1_199));
    assert_eq!(site.fetched(), 2, "fresh again for as long");
}

#[tokio::test]
async fn a_key_set_that_cannot_be_read_leaves_the_old_one() {
    let signer = Signer::ec("e");
    let site = Site::new(&[&signer]);
    let verifier = verifier(&site, config());
    let now = AtomicI64::new(0);
    assert!(
        verifier
            .verify(&signer.token(&claims("a")), at(0))
            .await
            .is_ok()
    );
    let large = format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(300 * 1024));
    for (body, word) in [
        ("<html>", "JSON"),
        ("{}", "keys"),
        (large.as_str(), "256 KiB"),
    ] {
        site.put(KEYS, body, "max-age=60");
        let at = at(now.fetch_add(1_000, Ordering::SeqCst) + 1_000);
        verifier.refresh_due(at);
        until(word, || {
            let problem = verifier.status().remove(0).problem;
            problem.is_some_and(|problem| problem.contains(word))
        })
        .await;
        assert_eq!(verifier.status()[0].keys, 1);
    }
    // One that is well-formed and empty is believed: the issuer takes its keys back.
    site.put(KEYS, r#"{"keys":[]}"#, "max-age=60");
    verifier.refresh_due(at(5_000));
    until("the keys are gone", || verifier.status()[0].keys == 0).await;
}
