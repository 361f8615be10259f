//! No event is lost or overtakes another, whatever happens to the relay.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;
use trunkline_model::{Coded, Timestamp};
use trunkline_store::StoreError;
use trunkline_store::outbox::{MAX_EVENT_BYTES, Relay, RelayError, put};

use crate::support::{Home, Log, event, subjects, write};

#[tokio::test]
async fn events_are_carried_in_order_and_then_gone() {
    let home = Home::new();
    let store = home.open().await;
    let names: Vec<_> = (0..150).map(|number| format!("note {number}")).collect();
    for name in &names {
        write(&store, name).await;
    }
    let backlog = store.outbox_backlog().await.unwrap();
    assert_eq!(
        (backlog.events, backlog.oldest),
        (150, Some(Timestamp::from_millis(5)))
    );
    let (log, mut events) = Log::new();
    let relay = Relay::new(store.clone(), Arc::new(log));
    assert_eq!(relay.drain().await.unwrap(), 150);
    assert_eq!(subjects(&mut events), names);
    assert_eq!(store.outbox_backlog().await.unwrap().events, 0);
    assert_eq!(relay.drain().await.unwrap(), 0);
}

#[tokio::test]
async fn a_relay_that_dies_after_sending_sends_the_same_again() {
    let home = Home::new();
    let store = home.open().await;
    for name in ["a", "b", "c"] {
        write(&store, name).await;
    }
    let (log, mut events) = Log::new();
    *log.dies_at.lock().unwrap() = Some("b".into());
    let relay = Relay::new(store.clone(), Arc::new(log));
    let task = tokio::spawn(relay.run(std::future::pending()));
    let (first, second) = (events.recv().await.unwrap(), events.recv().await.unwrap());
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    store.close().await;

    let store = home.open().await;
    let (log, mut events) = Log::new();
    assert_eq!(
        Relay::new(store.clone(), Arc::new(log))
            .drain()
            .await
            .unwrap(),
        3
    );
    let again = (events.recv().await.unwrap(), events.recv().await.unwrap());
    assert_eq!(
        (&again.0.id, &again.1.id),
        (&first.id, &second.id),
        "the log can tell a repetition"
    );
    assert_eq!(events.recv().await.unwrap().subject.as_deref(), Some("c"));
    assert_eq!(store.outbox_backlog().await.unwrap().events, 0);
}

#[tokio::test]
async fn a_log_that_refuses_loses_nothing() {
    let home = Home::new();
    let store = home.open().await;
    for name in ["a", "b"] {
        write(&store, name).await;
    }
    let (log, mut events) = Log::new();
    let log = Arc::new(log);
    log.refuses.store(true, Ordering::SeqCst);
    let relay = Relay::new(store.clone(), Arc::<Log>::clone(&log));
    let error = relay.drain().await.unwrap_err();
    assert!(
        matches!(&error, RelayError::Sink { id, .. } if *id == event("a").id),
        "{error:?}"
    );
    assert_eq!(store.outbox_backlog().await.unwrap().events, 2);
    log.refuses.store(false, Ordering::SeqCst);
    assert_eq!(relay.drain().await.unwrap(), 2);
    assert_eq!(subjects(&mut events), ["a", "b"]);
}

#[tokio::test]
async fn a_running_relay_carries_own_changes_and_those_of_another_process() {
    let home = Home::new();
    let (store, other) = (home.open().await, home.open().await);
    let (log, mut events) = Log::new();
    let (stop, stopped) = oneshot::channel::<()>();
    let relay = Relay::new(store.clone(), Arc::new(log));
    let task = tokio::spawn(relay.run(async { drop(stopped.await) }));
    for name in ["a", "b"] {
        write(&store, name).await;
        assert_eq!(events.recv().await.unwrap().subject.as_deref(), Some(name));
    }
    write(&other, "c").await;
    assert_eq!(events.recv().await.unwrap().subject.as_deref(), Some("c"));
    drop(stop);
    task.await.unwrap();
    assert_eq!(store.outbox_backlog().await.unwrap().events, 0);
}

#[tokio::test]
async fn a_relay_that_is_stopped_carries_what_waits() {
    let home = Home::new();
    let store = home.open().await;
    write(&store, "last").await;
    let (log, mut events) = Log::new();
    Relay::new(store.clone(), Arc::new(log))
        .run(std::future::ready(()))
        .await;
    assert_eq!(
        subjects(&mut events).last().map(String::as_str),
        Some("last")
    );
    assert_eq!(store.outbox_backlog().await.unwrap().events, 0);
}

#[tokio::test]
async fn an_event_that_the_log_might_never_take_fails_its_change() {
    let home = Home::new();
    let store = home.open().await;
    let mut transaction = store.begin().await.unwrap();
    let mut huge = event("huge");
    huge.subject = Some("x".repeat(MAX_EVENT_BYTES));
    let error = put(&mut transaction, &huge).await.unwrap_err();
    assert!(
        matches!(error, StoreError::EventTooLarge { .. }),
        "{error:?}"
    );
    assert_eq!(error.code().code, "TL-STORE-005");
}
