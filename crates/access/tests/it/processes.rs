//! Two processes on one file, such as the server and the command line.

use std::sync::Arc;

use tokio::sync::oneshot;
use trunkline_model::{Principal, Scope};

use crate::support::{HERE, Home, token};

#[tokio::test]
async fn a_token_of_one_process_is_good_in_the_other_at_once() {
    let home = Home::new();
    let (server, tool) = (home.process(1).await, home.process(2).await);
    server.refresh().await.unwrap();
    let made = token(&tool, "ci", &[Scope::Read]).await;
    assert!(
        server
            .verify_token(made.secret.reveal(), HERE)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_revocation_of_one_process_is_seen_by_the_other_when_it_looks() {
    let home = Home::new();
    let (server, tool) = (home.process(1).await, home.process(2).await);
    let made = token(&tool, "ci", &[Scope::Read]).await;
    server.refresh().await.unwrap();
    server
        .verify_token(made.secret.reveal(), HERE)
        .await
        .unwrap();
    tool.revoke_token(made.token.id, &Principal::platform())
        .await
        .unwrap();
    server.refresh().await.unwrap();
    assert!(
        server
            .verify_token(made.secret.reveal(), HERE)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_server_that_maintains_itself_notices_a_revocation_without_being_asked() {
    let home = Home::new();
    let (server, tool) = (home.process(1).await, home.process(2).await);
    let made = token(&tool, "ci", &[Scope::Read]).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let upkeep = tokio::spawn(Arc::clone(&server).maintain(async { drop(stopped.await) }));
    server
        .verify_token(made.secret.reveal(), HERE)
        .await
        .unwrap();
    tool.revoke_token(made.token.id, &Principal::platform())
        .await
        .unwrap();
    while server
        .verify_token(made.secret.reveal(), HERE)
        .await
        .is_ok()
    {
        tokio::task::yield_now().await;
    }
    drop(stop);
    upkeep.await.unwrap();
}

#[tokio::test]
async fn a_process_that_does_not_maintain_itself_never_trusts_its_memory() {
    let home = Home::new();
    let (server, tool) = (home.process(1).await, home.process(2).await);
    let made = token(&tool, "ci", &[Scope::Read]).await;
    server
        .verify_token(made.secret.reveal(), HERE)
        .await
        .unwrap();
    tool.revoke_token(made.token.id, &Principal::platform())
        .await
        .unwrap();
    assert!(
        server
            .verify_token(made.secret.reveal(), HERE)
            .await
            .is_err()
    );
}
