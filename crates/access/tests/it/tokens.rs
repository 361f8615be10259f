//! The life of an API token.

use trunkline_access::{Access, AccessError, NewToken};
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

/// Why a token that is changed like that is not made; nothing where it is.
async fn refusal(door: &Access, change: impl FnOnce(&mut NewToken)) -> Option<AccessError> {
    let mut wanted = NewToken::new("ci");
    change(&mut wanted);
    door.create_token(&wanted, &Principal::platform())
        .await
        .err()
}

#[tokio::test]
async fn names_are_plain() {
    let home = Home::new();
    let door = home.door().await;
    for name in ["ci", "Grafana 11.2", "bürogerät_7", &"x".repeat(64)] {
        let refused = refusal(&door, |wanted| wanted.name = name.into()).await;
        assert!(refused.is_none(), "{name}");
    }
    for name in ["", " ci", "ci ", "a\nb", "<b>", &"x".repeat(65)] {
        let refused = refusal(&door, |wanted| wanted.name = name.into()).await;
        assert!(matches!(refused, Some(AccessError::NameInvalid)), "{name}");
    }
}

#[tokio::test]
async fn a_token_can_do_something_for_some_time() {
    let home = Home::new();
    let door = home.door().await;
    let refused = refusal(&door, |wanted| wanted.scopes.clear()).await;
    assert!(matches!(refused, Some(AccessError::ScopesEmpty)));
    for days in [0, 3651] {
        let refused = refusal(&door, |wanted| wanted.expires_in_days = Some(days)).await;
        assert!(
            matches!(refused, Some(AccessError::LifeInvalid(_))),
            "{days}"
        );
    }
    let refused = refusal(&door, |wanted| wanted.expires_in_days = Some(3650)).await;
    assert!(refused.is_none());
}

#[tokio::test]
async fn a_job_ends_within_the_hour() {
    let home = Home::new();
    let door = home.door().await;
    for minutes in [0, 61, 1441] {
        let refused = refusal(&door, |wanted| {
            wanted.job = Some("build-7".into());
            wanted.expires_in_minutes = Some(minutes);
        });
        let refused = refused.await;
        assert!(
            matches!(refused, Some(AccessError::LifeInvalid(_))),
            "{minutes}"
        );
    }
    let longest = refusal(&door, |wanted| wanted.expires_in_minutes = Some(1440)).await;
    assert!(longest.is_none());
    let mut job = NewToken::new("ci");
    job.job = Some("build-7".into());
    let made = door
        .create_token(&job, &Principal::platform())
        .await
        .unwrap();
    let life = made.token.expires.unwrap().micros_since(made.token.created);
    assert_eq!(life, 3_600_000_000);
    for (days, minutes, why) in [
        (Some(1), None, "a day is longer than an hour"),
        (Some(1), Some(5), "days and minutes contradict one another"),
    ] {
        let refused = refusal(&door, |wanted| {
            wanted.job = Some("build-7".into());
            (wanted.expires_in_days, wanted.expires_in_minutes) = (days, minutes);
        });
        assert!(refused.await.is_some(), "{why}");
    }
}

#[tokio::test]
async fn a_token_is_an_access_key() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "boto", &[Scope::Read]).await;
    let id = made.token.id.to_string();
    let key = door.access_key(&id, HERE).await.unwrap();
    assert_eq!(key.secret.reveal(), made.signing.reveal());
    assert_ne!(key.secret.reveal(), made.secret.reveal());
    assert_eq!(key.holder.principal.scopes, [Scope::Read]);
    let other = token(&door, "boto", &[Scope::Read]).await;
    assert_ne!(other.signing.reveal(), made.signing.reveal());
    door.revoke_token(made.token.id, &Principal::platform())
        .await
        .unwrap();
    for id in [&*id, "tok_01JD9Z6T3S8Q4H5W2E7R1Y0UAB", "", "nonsense"] {
        let refused = door.access_key(id, HERE).await;
        assert!(matches!(refused, Err(AccessError::BadCredential)), "{id}");
    }
}

#[tokio::test]
async fn a_key_is_used_only_where_it_signed() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "boto", &[Scope::Read]).await;
    let id = made.token.id.to_string();
    let used = async || {
        door.write_uses().await.unwrap();
        door.tokens().await.unwrap()[0].last_used
    };
    door.access_key(&id, HERE).await.unwrap();
    door.claim_was_wrong(&id, HERE);
    assert_eq!(used().await, None, "whoever knows the id can name it");
    door.access_key_used(&id);
    let first = used().await;
    assert_eq!(first, Some(made.token.created));
    home.clock.advance_micros(59_000_000);
    door.access_key_used(&id);
    assert_eq!(used().await, first, "it is written once a minute");
    home.clock.advance_micros(1_000_000);
    door.access_key_used(&id);
    assert!(used().await > first);
}
