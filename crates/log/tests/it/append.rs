//! Offsets, duplicates, groups, back-pressure and closing.

use std::pin::pin;
use std::sync::Arc;

use futures::future::join_all;
use futures::poll;
use trunkline_log::{Appended, Batch, DiskLog, EventLog, LogConfig, LogError, Offset};
use trunkline_model::SystemClock;

use crate::support::{Bed, batch, config, expected, keyed, messages, text};

fn appended(first: u64, next: u64, duplicates: u32) -> Appended {
    Appended {
        first: Offset(first),
        next: Offset(next),
        duplicates,
    }
}

#[tokio::test]
async fn offsets_count_messages() {
    let bed = Bed::new(config(1 << 20));
    let (log, recovery) = bed.open();
    assert!(recovery.is_clean());
    let three = batch(&[b"a", b"", b"c"], &[]);
    assert_eq!(log.append(three.clone()).await.unwrap(), appended(0, 3, 0));
    assert_eq!(log.append(three).await.unwrap(), appended(3, 6, 0));
    let none = log.append(batch(&[], &[])).await.unwrap();
    assert_eq!(none, appended(6, 6, 0));
    let records = log.read(Offset(1), 1).await.unwrap();
    assert_eq!((records.len(), records[0].base), (1, Offset(0)));
    assert_eq!(&records[0].header[..], b"head");
    assert_eq!(log.bounds().next, Offset(6));
}

#[tokio::test]
async fn duplicates_are_dropped_within_a_batch_and_between_batches() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    let first = batch(&[b"a", b"b", b"a again"], &[1, 2, 1]);
    assert_eq!(log.append(first.clone()).await.unwrap(), appended(0, 2, 1));
    assert_eq!(log.append(first).await.unwrap(), appended(2, 2, 3));
    let mixed = batch(&[b"b", b"c", b"d", b"a"], &[2, 3, 4, 1]);
    assert_eq!(log.append(mixed).await.unwrap(), appended(2, 4, 2));
    let found: Vec<_> = messages(&log, 0)
        .await
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(found, ["a", "b", "c", "d"]);
    assert_eq!(log.stats().duplicates, 6);
}

#[tokio::test]
async fn duplicates_within_one_group_are_found() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    bed.disk.hold();
    let first = log.append(keyed(1));
    let others = join_all([
        log.append(keyed(2)),
        log.append(keyed(2)),
        log.append(keyed(1)),
    ]);
    let (mut first, mut others) = (pin!(first), pin!(others));
    assert!(poll!(&mut first).is_pending() && poll!(&mut others).is_pending());
    bed.disk.release();
    let mut duplicates = vec![first.await.unwrap().duplicates];
    duplicates.extend(others.await.into_iter().map(|one| one.unwrap().duplicates));
    assert_eq!(duplicates, [0, 0, 1, 1]);
    assert_eq!(messages(&log, 0).await, expected([1, 2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_get_offsets_of_their_own_on_a_real_disk() {
    let directory = tempfile::tempdir().unwrap();
    let (log, _) = DiskLog::open(directory.path(), config(8_000), Arc::new(SystemClock)).unwrap();
    let tasks = (0..64).map(|task| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            let mut got = Vec::new();
            for round in 0..20 {
                let key = task * 1_000 + round;
                let appended = log.append(keyed(key)).await.unwrap();
                assert!(log.bounds().next >= appended.next);
                got.push((appended.first.0, text(key)));
            }
            assert!(got.is_sorted(), "a task's own messages keep their order");
            got
        })
    });
    let mut acknowledged: Vec<_> = join_all(tasks.collect::<Vec<_>>())
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    acknowledged.sort_unstable();
    assert_eq!(acknowledged.len(), 64 * 20);
    assert!(
        acknowledged
            .iter()
            .map(|(offset, _)| *offset)
            .eq(0..64 * 20)
    );
    assert_eq!(messages(&log, 0).await, acknowledged);
    assert!(log.bounds().segments > 5);
    assert_eq!(log.stats().queue_bytes, 0);
    log.close().await;
    let (log, recovery) =
        DiskLog::open(directory.path(), config(8_000), Arc::new(SystemClock)).unwrap();
    assert!(recovery.is_clean(), "{recovery}");
    assert_eq!(messages(&log, 0).await, acknowledged);
}

#[tokio::test]
async fn a_dropped_append_is_kept() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    bed.disk.hold();
    {
        let append = pin!(log.append(keyed(5)));
        assert!(poll!(append).is_pending());
    }
    bed.disk.release();
    log.wait_for(Offset(0)).await.unwrap();
    assert_eq!(messages(&log, 0).await, expected([5]));
}

#[tokio::test]
async fn a_full_queue_is_busy_and_nothing_of_it_is_kept() {
    let bed = Bed::new(LogConfig {
        queue_bytes: 64,
        append_wait_ms: 1,
        ..config(1 << 20)
    });
    let (log, _) = bed.open();
    bed.disk.hold();
    let mut first = pin!(log.append(batch(&[&[1; 500]], &[])));
    assert!(
        poll!(&mut first).is_pending(),
        "larger than the queue, but alone"
    );
    let second = log.append(keyed(2)).await;
    assert!(matches!(second, Err(LogError::Busy { queued_bytes: 64 })));
    bed.disk.release();
    first.await.unwrap();
    assert_eq!(log.append(keyed(2)).await.unwrap(), appended(1, 2, 0));
    assert_eq!(log.stats().refused_busy, 1);
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let bed = Bed::new(LogConfig {
        record_bytes: 1_000,
        ..config(1 << 20)
    });
    let (log, _) = bed.open();
    let large = log.append(batch(&[&[0; 1_001]], &[])).await;
    assert!(matches!(
        large,
        Err(LogError::TooLarge { limit: 1_000, .. })
    ));
    let crooked = Batch {
        ends: vec![2, 1],
        ..keyed(1)
    };
    assert!(log.append(crooked).await.is_err());
    assert_eq!(log.bounds().next, Offset(0));
    assert_eq!(log.stats().refused_too_large, 2);
}

#[tokio::test]
async fn closing_keeps_what_was_queued_and_refuses_the_rest() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    bed.disk.hold();
    let mut queued = pin!(join_all((0..10).map(|key| log.append(keyed(key)))));
    assert!(poll!(&mut queued).is_pending());
    let mut close = pin!(log.close());
    assert!(poll!(&mut close).is_pending());
    let late = log.append(keyed(99)).await;
    assert!(matches!(late, Err(LogError::Closed)));
    bed.disk.release();
    close.await;
    assert!(queued.await.iter().all(Result::is_ok));
    assert!(matches!(
        log.wait_for(Offset(10)).await,
        Err(LogError::Closed)
    ));
    assert!(log.commit("late", Offset(1), false).await.is_err());
    // The lock is free although the old handle still lives.
    let (reopened, recovery) = bed.open();
    assert_eq!((recovery.messages, recovery.is_clean()), (10, true));
    assert_eq!(messages(&reopened, 0).await, expected(0..10));
}

#[tokio::test]
async fn one_process_at_a_time() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    match bed.try_open() {
        Err(LogError::Locked { directory }) => {
            assert_eq!(directory, bed.directory.path().display().to_string());
        }
        other => panic!("{other:?}"),
    }
    drop(log);
    bed.open();
}

#[tokio::test]
async fn append_times_never_go_back() {
    let bed = Bed::new(config(150));
    let (log, _) = bed.open();
    log.append(keyed(1)).await.unwrap();
    bed.clock.advance_micros(-3_600_000_000);
    log.append(keyed(2)).await.unwrap();
    log.close().await;
    let (log, _) = bed.open();
    log.append(keyed(3)).await.unwrap();
    bed.clock.advance_micros(3_600_000_007);
    log.append(keyed(4)).await.unwrap();
    let mut times = Vec::new();
    for offset in 0..4 {
        let records = log.read(Offset(offset), 1).await.unwrap();
        times.push(records[0].appended_at.as_micros() - 1_000_000_000);
    }
    assert_eq!(times, [0, 0, 0, 7]);
}
