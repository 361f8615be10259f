//! Tables come up to date, and never go back.

use trunkline_model::Coded;
use trunkline_store::{Migration, StoreError};

use crate::support::{Home, NOTES, notes, write};

const TAGS: Migration = Migration {
    version: 2,
    name: "tags",
    sql: "alter table note add column tag text;",
};

#[tokio::test]
async fn each_step_is_taken_once() {
    let home = Home::new();
    let store = home.open().await;
    write(&store, "old").await;
    assert_eq!(store.migrate("notes", &[NOTES, TAGS]).await.unwrap(), 1);
    assert_eq!(store.migrate("notes", &[NOTES, TAGS]).await.unwrap(), 0);
    assert_eq!(notes(&store).await, ["old"]);
}

#[tokio::test]
async fn a_newer_file_is_refused_and_left_alone() {
    let home = Home::new();
    let store = home.open().await;
    store.migrate("notes", &[NOTES, TAGS]).await.unwrap();
    let error = store.migrate("notes", &[NOTES]).await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Newer {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.code().code, "TL-STORE-002");
}

#[tokio::test]
async fn a_step_that_fails_takes_the_ones_before_it_back() {
    let home = Home::new();
    let store = home.open().await;
    let broken = Migration {
        version: 3,
        name: "broken",
        sql: "create table half (a integer); alter table nowhere add column b text;",
    };
    assert!(
        store
            .migrate("notes", &[NOTES, TAGS, broken])
            .await
            .is_err()
    );
    assert_eq!(
        store.migrate("notes", &[NOTES, TAGS]).await.unwrap(),
        1,
        "step 2 was taken back"
    );
    let half = sqlx::query("select a from half")
        .fetch_all(store.readers())
        .await;
    assert!(half.is_err(), "the broken step left nothing");
}

#[tokio::test]
async fn rooms_do_not_share_their_numbers() {
    let home = Home::new();
    let store = home.open().await;
    let other = Migration {
        version: 1,
        name: "other",
        sql: "create table other (a integer);",
    };
    assert_eq!(store.migrate("other", &[other]).await.unwrap(), 1);
}

#[tokio::test]
async fn two_processes_that_start_together_take_turns() {
    let home = Home::new();
    let (first, second) = tokio::join!(home.open(), home.open());
    let steps = [NOTES, TAGS];
    let taken = tokio::join!(
        first.migrate("notes", &steps),
        second.migrate("notes", &steps)
    );
    assert_eq!(taken.0.unwrap() + taken.1.unwrap(), 1);
}
