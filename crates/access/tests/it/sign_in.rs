//! Links and sessions.

use trunkline_access::AccessError;
use trunkline_model::{Principal, PrincipalKind, Role, Scope};

use crate::support::{DAY, HERE, Home, owner_session, token};

#[tokio::test]
async fn the_first_start_makes_one_owner() {
    let home = Home::new();
    let door = home.door().await;
    let created = door.ensure_owner().await.unwrap().unwrap();
    assert_eq!(created.account.role, Role::Owner);
    assert!(door.ensure_owner().await.unwrap().is_none());
    assert!(
        home.process(2)
            .await
            .ensure_owner()
            .await
            .unwrap()
            .is_none()
    );
    let url = created.link.url("http://127.0.0.1:7070/");
    assert_eq!(
        url,
        format!(
            "http://127.0.0.1:7070/sign-in#link={}",
            created.link.code.reveal()
        )
    );
}

#[tokio::test]
async fn two_first_starts_make_one_owner() {
    let home = Home::new();
    let (first, second) = (home.process(1).await, home.process(2).await);
    let (first, second) = tokio::join!(first.ensure_owner(), second.ensure_owner());
    assert_ne!(first.unwrap().is_some(), second.unwrap().is_some());
}

#[tokio::test]
async fn a_link_signs_the_owner_in() {
    let home = Home::new();
    let door = home.door().await;
    let session = owner_session(&door).await;
    let principal = door
        .verify_session(session.secret.reveal(), HERE)
        .await
        .unwrap();
    assert_eq!(principal, session.principal);
    assert_eq!(
        (principal.kind, principal.scopes),
        (PrincipalKind::Account, vec![Scope::Owner])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_use_a_link_one_gets_in() {
    let home = Home::new();
    let door = home.door().await;
    let other = home.process(2).await;
    let link = door.ensure_owner().await.unwrap().unwrap().link;
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let door = if number % 2 == 0 {
                door.clone()
            } else {
                other.clone()
            };
            let code = link.code.clone();
            tokio::spawn(async move { door.sign_in_with_link(code.reveal(), HERE).await })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(matches!(error, AccessError::LinkSpent), "{error:?}"),
        }
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn a_link_is_good_for_a_quarter_of_an_hour() {
    let home = Home::new();
    let door = home.door().await;
    let by = Principal::platform();
    let (early, late) = (
        door.create_link(&by).await.unwrap(),
        door.create_link(&by).await.unwrap(),
    );
    home.clock.advance_micros(15 * 60_000_000 - 1);
    assert!(
        door.sign_in_with_link(early.code.reveal(), HERE)
            .await
            .is_ok()
    );
    home.clock.advance_micros(1);
    let error = door
        .sign_in_with_link(late.code.reveal(), HERE)
        .await
        .unwrap_err();
    assert!(matches!(error, AccessError::LinkSpent), "{error:?}");
}

#[tokio::test]
async fn a_session_slides_for_90_days_at_most() {
    let home = Home::new();
    let door = home.door().await;
    let session = owner_session(&door).await;
    for _ in 0..3 {
        home.pass_days(29);
        door.verify_session(session.secret.reveal(), HERE)
            .await
            .unwrap();
        door.write_uses().await.unwrap();
    }
    home.pass_days(3);
    assert!(
        door.verify_session(session.secret.reveal(), HERE)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_and_is_removed() {
    let home = Home::new();
    let door = home.door().await;
    let idle = owner_session(&door).await;
    home.pass_days(20);
    let link = door.create_link(&idle.principal).await.unwrap();
    let fresh = door
        .sign_in_with_link(link.code.reveal(), HERE)
        .await
        .unwrap();
    home.clock.advance_micros(10 * DAY + 1);
    assert!(
        door.verify_session(idle.secret.reveal(), HERE)
            .await
            .is_err()
    );
    door.tidy().await.unwrap();
    assert!(
        door.verify_session(fresh.secret.reveal(), HERE)
            .await
            .is_ok()
    );
    let left: Vec<String> = sqlx::query_scalar("select id from session")
        .fetch_all(home.store().await.readers())
        .await
        .unwrap();
    assert_eq!(left, [fresh.id.to_string()]);
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let home = Home::new();
    let door = home.door().await;
    let session = owner_session(&door).await;
    door.refresh().await.unwrap();
    door.verify_session(session.secret.reveal(), HERE)
        .await
        .unwrap();
    door.sign_out(session.secret.reveal()).await.unwrap();
    assert!(
        door.verify_session(session.secret.reveal(), HERE)
            .await
            .is_err()
    );
    door.sign_out(session.secret.reveal()).await.unwrap();
}

#[tokio::test]
async fn a_pasted_token_gives_its_own_rights_and_takes_them_back() {
    let home = Home::new();
    let door = home.door().await;
    let made = token(&door, "grafana", &[Scope::Read]).await;
    let session = door
        .sign_in_with_token(made.secret.reveal(), HERE)
        .await
        .unwrap();
    let principal = door
        .verify_session(session.secret.reveal(), HERE)
        .await
        .unwrap();
    assert_eq!(principal.id, made.token.id.to_string());
    assert_eq!(principal.scopes, [Scope::Read]);
    door.revoke_token(made.token.id, &Principal::platform())
        .await
        .unwrap();
    assert!(
        door.verify_session(session.secret.reveal(), HERE)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn one_kind_of_secret_is_not_good_for_another() {
    let home = Home::new();
    let door = home.door().await;
    let created = door.ensure_owner().await.unwrap().unwrap();
    let code = created.link.code.reveal();
    assert!(door.verify_session(code, HERE).await.is_err());
    assert!(door.verify_token(code, HERE).await.is_err());
    let session = door.sign_in_with_link(code, HERE).await.unwrap();
    assert!(
        door.sign_in_with_link(session.secret.reveal(), HERE)
            .await
            .is_err()
    );
}
