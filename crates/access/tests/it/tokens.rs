//! The life of an API token.

use trunkline_access::{AccessError, NewToken};
use trunkline_model::{Principal, PrincipalKind, Scope, TypedId};

use crate::support::{DAY, HERE, Home, owner_session, sorted, token};

#[tokio::test]
async fn a_token_is_good_until_it_is_revoked() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "ci", &[Scope::Write, Scope::Read, Scope::Read]).await;
    let principal = door.verify_token(made.secret.reveal(), HERE).await.unwrap();
    assert_eq!(principal.kind, PrincipalKind::Token);
    assert_eq!(
        (principal.id, principal.name),
        (made.token.id.to_string(), "ci".into())
    );
    assert_eq!(
        principal.scopes,
        [Scope::Read, Scope::Write],
        "each scope once"
    );
    door.revoke_token(made.token.id, &Principal::platform())
        .await
        .unwrap();
    let error = door
        .verify_token(made.secret.reveal(), HERE)
        .await
        .unwrap_err();
    assert!(matches!(error, AccessError::BadCredential), "{error:?}");
    assert!(door.tokens().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_revocation_is_noticed_by_a_warm_cache() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "ci", &[Scope::Read]).await;
    door.refresh().await.unwrap();
    for _ in 0..3 {
        door.verify_token(made.secret.reveal(), HERE).await.unwrap();
    }
    door.revoke_token(made.token.id, &Principal::platform())
        .await
        .unwrap();
    assert!(door.verify_token(made.secret.reveal(), HERE).await.is_err());
}

#[tokio::test]
async fn a_token_ends_at_its_time() {
    let home = Home::new();
    let door = home.door().await;
    let mut wanted = NewToken::new("short");
    wanted.expires_in_days = Some(2);
    let made = door
        .create_token(&wanted, &Principal::platform())
        .await
        .unwrap();
    door.refresh().await.unwrap();
    assert!(door.verify_token(made.secret.reveal(), HERE).await.is_ok());
    home.clock.advance_micros(2 * DAY - 1);
    assert!(door.verify_token(made.secret.reveal(), HERE).await.is_ok());
    home.clock.advance_micros(1);
    assert!(door.verify_token(made.secret.reveal(), HERE).await.is_err());
    assert_eq!(
        door.tokens().await.unwrap().len(),
        1,
        "it is listed until somebody removes it"
    );
}

#[tokio::test]
async fn a_use_is_written_down_later_and_once_a_minute() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "ci", &[Scope::Read]).await;
    let used = async || door.tokens().await.unwrap()[0].last_used;
    door.verify_token(made.secret.reveal(), HERE).await.unwrap();
    assert_eq!(used().await, None);
    door.write_uses().await.unwrap();
    let first = used().await;
    assert_eq!(first, Some(made.token.created));
    home.clock.advance_micros(59_000_000);
    door.verify_token(made.secret.reveal(), HERE).await.unwrap();
    door.write_uses().await.unwrap();
    assert_eq!(used().await, first);
    home.clock.advance_micros(1_000_000);
    door.verify_token(made.secret.reveal(), HERE).await.unwrap();
    door.write_uses().await.unwrap();
    assert_eq!(
        used().await,
        Some(made.token.created.plus_micros(60_000_000))
    );
}

#[tokio::test]
async fn the_last_use_is_written_when_the_platform_stops() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "ci", &[Scope::Read]).await;
    door.verify_token(made.secret.reveal(), HERE).await.unwrap();
    std::sync::Arc::clone(&door)
        .maintain(std::future::ready(()))
        .await;
    assert_eq!(
        door.tokens().await.unwrap()[0].last_used,
        Some(made.token.created)
    );
}

#[tokio::test]
async fn what_is_not_there_cannot_be_revoked() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "ci", &[Scope::Read]).await;
    let by = Principal::platform();
    door.revoke_token(made.token.id, &by).await.unwrap();
    for id in [made.token.id, TypedId::new(trunkline_model::Ulid::nil())] {
        let error = door.revoke_token(id, &by).await.unwrap_err();
        assert!(
            matches!(error, AccessError::TokenUnknown(unknown) if unknown == id),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn no_secret_is_in_the_file() {
    let home = Home::new();
    let door = home.door().await;
    let session = owner_session(&door).await;
    let made = token(&door, "ci", &[Scope::Read]).await;
    let link = door.create_link(&Principal::platform()).await.unwrap();
    let secrets = [&session.secret, &made.secret, &link.code];
    let rows: Vec<String> = sqlx::query_scalar(
        "select quote(hash) || event from outbox, (select hash from token union select hash from session union select hash from sign_in_link)",
    )
    .fetch_all(home.store().await.readers())
    .await
    .unwrap();
    assert!(rows.len() >= 4);
    for secret in secrets {
        assert!(!rows.iter().any(|row| row.contains(secret.reveal())));
    }
}

#[tokio::test]
async fn every_change_writes_its_event() {
    let home = Home::new();
    let door = home.door().await;
    let session = owner_session(&door).await;
    let made = token(&door, "ci", &[Scope::Read]).await;
    let pasted = door
        .sign_in_with_token(made.secret.reveal(), HERE)
        .await
        .unwrap();
    door.sign_out(pasted.secret.reveal()).await.unwrap();
    door.revoke_token(made.token.id, &session.principal)
        .await
        .unwrap();
    assert!(
        door.revoke_token(made.token.id, &session.principal)
            .await
            .is_err()
    );
    let events = home.events().await;
    insta::assert_json_snapshot!(events.into_iter().map(sorted).collect::<Vec<_>>());
}
