//! Changes are whole, durable and take turns.

use trunkline_model::Coded;
use trunkline_store::{Store, StoreConfig, StoreError, outbox};

use crate::support::{Home, event, notes, write};

#[tokio::test]
async fn what_was_committed_is_there_after_a_restart() {
    let home = Home::new();
    let store = home.open().await;
    write(&store, "kept").await;
    store.close().await;
    let again = home.open().await;
    assert_eq!(notes(&again).await, ["kept"]);
    assert_eq!(again.outbox_backlog().await.unwrap().events, 1);
}

#[tokio::test]
async fn a_dropped_change_never_happened() {
    let home = Home::new();
    let store = home.open().await;
    let mut transaction = store.begin().await.unwrap();
    outbox::put(&mut transaction, &event("lost")).await.unwrap();
    sqlx::query("insert into note (text) values ('lost')")
        .execute(transaction.connection())
        .await
        .unwrap();
    drop(transaction);
    write(&store, "kept").await;
    assert_eq!(notes(&store).await, ["kept"]);
    assert_eq!(store.outbox_backlog().await.unwrap().events, 1);
}

#[tokio::test]
async fn changes_of_many_tasks_and_two_processes_take_turns() {
    let home = Home::new();
    let stores = [home.open().await, home.open().await];
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move { write(&store, &format!("note {number}")).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for store in &stores {
        assert_eq!(notes(store).await.len(), 40);
    }
}

#[tokio::test]
async fn a_lock_that_stays_is_named_as_such() {
    let home = Home::new();
    let holder = home.open().await;
    let held = holder.begin().await.unwrap();
    let hasty = StoreConfig {
        busy_timeout_seconds: 0,
        ..StoreConfig::default()
    };
    let error = Store::open(&home.file(), &hasty).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    assert_eq!(error.code().code, "TL-STORE-003");
    drop(held);
}

#[tokio::test]
async fn readers_cannot_write() {
    let store = Home::new();
    let store = store.open().await;
    let result = sqlx::query("delete from note")
        .execute(store.readers())
        .await;
    assert!(result.is_err());
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_named() {
    let home = Home::new();
    let below_a_file = home.file().join("control.db");
    std::fs::write(home.file(), "").unwrap();
    let error = Store::open(&below_a_file, &StoreConfig::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("control.db"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error_and_is_left_alone() {
    let home = Home::new();
    std::fs::write(home.file(), "a letter to my aunt, not a database at all").unwrap();
    let error = Store::open(&home.file(), &StoreConfig::default())
        .await
        .unwrap_err();
    assert_eq!(error.code().code, "TL-STORE-001");
    assert!(
        std::fs::read_to_string(home.file())
            .unwrap()
            .starts_with("a letter")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn only_this_user_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let store = home.open().await;
    write(&store, "private").await;
    for entry in std::fs::read_dir(home.file().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}
