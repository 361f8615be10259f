//! Guessing is slow, and a mistaken program shuts out nobody.

use trunkline_access::AccessError;
use trunkline_model::Scope;

use crate::support::{Home, elsewhere, token};

/// A well-formed session text that was never given out.
fn guess(number: usize) -> String {
    format!("{number:043}")
}

#[tokio::test]
async fn an_address_that_guesses_must_wait_and_others_need_not() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "ci", &[Scope::Read]).await;
    let (guesser, other) = (elsewhere(1), elsewhere(2));
    for number in 0..20 {
        let error = door
            .verify_session(&guess(number), guesser)
            .await
            .unwrap_err();
        assert!(matches!(error, AccessError::BadCredential), "{error:?}");
    }
    let error = door.verify_session(&guess(20), guesser).await.unwrap_err();
    assert!(matches!(error, AccessError::RateLimited { retry_after } if !retry_after.is_zero()));
    let error = door
        .sign_in_with_link(&guess(21), guesser)
        .await
        .unwrap_err();
    assert!(
        matches!(error, AccessError::RateLimited { .. }),
        "{error:?}"
    );
    assert!(door.verify_token(made.secret.reveal(), other).await.is_ok());
}

#[tokio::test]
async fn the_same_mistake_again_and_again_counts_once() {
    let home = Home::new();
    let door = home.door().await;
    let good = token(&door, "good", &[Scope::Read]).await;
    let mistyped = format!("{}x", good.secret.reveal());
    for _ in 0..1_000 {
        let error = door
            .verify_token(&mistyped, elsewhere(1))
            .await
            .unwrap_err();
        assert!(matches!(error, AccessError::BadCredential), "{error:?}");
    }
    assert!(
        door.verify_token(good.secret.reveal(), elsewhere(1))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn whoever_is_known_stays_in_while_a_neighbour_guesses() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "ci", &[Scope::Read]).await;
    door.refresh().await.unwrap();
    door.verify_token(made.secret.reveal(), elsewhere(1))
        .await
        .unwrap();
    for number in 0..30 {
        assert!(
            door.verify_session(&guess(number), elsewhere(1))
                .await
                .is_err()
        );
    }
    door.refresh().await.unwrap();
    assert!(
        door.verify_token(made.secret.reveal(), elsewhere(1))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn who_names_many_keys_waits_and_a_good_key_is_found_all_the_same() {
    let home = Home::new();
    let door = home.door().await;
    let good = token(&door, "good", &[Scope::Read]).await;
    let good = good.token.id.to_string();
    let here = elsewhere(1);
    // The same mistake again and again counts once.
    for _ in 0..100 {
        let error = door.access_key("tok_gone", here).await.unwrap_err();
        assert!(matches!(error, AccessError::BadCredential), "{error:?}");
        door.claim_was_wrong(&good, here);
    }
    let mut limited = false;
    for number in 0..30 {
        let error = door.access_key(&guess(number), here).await.unwrap_err();
        limited |= matches!(error, AccessError::RateLimited { .. });
    }
    assert!(limited);
    // It was never asked for, so nothing remembers it.
    assert!(door.access_key(&good, here).await.is_ok());
    let error = door.access_key("tok_gone", here).await.unwrap_err();
    assert!(matches!(error, AccessError::BadCredential), "{error:?}");
    let other = elsewhere(2);
    let error = door.access_key(&guess(31), other).await.unwrap_err();
    assert!(matches!(error, AccessError::BadCredential), "{error:?}");
}

#[tokio::test]
async fn whoever_signs_wrongly_is_counted() {
    let home = Home::new();
    let door = home.door().await;
    let here = elsewhere(1);
    for number in 0..30 {
        door.claim_was_wrong(&format!("tok_{number}"), here);
    }
    let error = door.verify_session(&guess(0), here).await.unwrap_err();
    assert!(
        matches!(error, AccessError::RateLimited { .. }),
        "{error:?}"
    );
}
