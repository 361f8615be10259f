//! Disks that are full, and disks that fail.

use std::pin::pin;
use std::sync::atomic::Ordering;

use futures::future::join_all;
use futures::poll;
use trunkline_log::{EventLog, LogConfig, LogError, Offset};

use crate::support::{Bed, config, expected, keyed, messages};

#[tokio::test]
async fn a_full_disk_refuses_and_recovers_by_itself() {
    let bed = Bed::new(LogConfig {
        reserve_bytes: 1_000,
        ..config(1 << 20)
    });
    let (log, _) = bed.open();
    log.append(keyed(0)).await.unwrap();
    bed.clock.advance_micros(200_000);
    bed.disk.used.store(u64::MAX - 999, Ordering::SeqCst);
    match log.append(keyed(1)).await {
        Err(LogError::Full {
            free_bytes,
            reserve_bytes,
        }) => {
            assert_eq!((free_bytes, reserve_bytes), (999, 1_000));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(log.stats().refused_full, 1);
    bed.disk.used.store(0, Ordering::SeqCst);
    assert_eq!(log.append(keyed(1)).await.unwrap().first, Offset(1));
    assert_eq!(messages(&log, 0).await, expected([0, 1]));
}

#[tokio::test]
async fn a_write_cut_short_by_a_full_disk_leaves_nothing() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    log.append(keyed(0)).await.unwrap();
    let before = log.bounds();
    bed.disk.fail_write.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let full = log.append(keyed(1)).await;
        assert!(matches!(full, Err(LogError::Full { .. })));
    }
    assert_eq!(log.bounds(), before);
    let length = std::fs::metadata(&bed.segments()[0]).unwrap().len();
    assert_eq!(length, before.bytes, "the half that was written is cut");
    bed.disk.fail_write.store(false, Ordering::SeqCst);
    let again = log.append(keyed(1)).await.unwrap();
    assert_eq!((again.first, again.duplicates), (Offset(1), 0));
    assert_eq!(bed.segments().len(), 1);
    log.close().await;
    let (log, recovery) = bed.open();
    assert!(recovery.is_clean(), "{recovery}");
    assert_eq!(messages(&log, 0).await, expected([0, 1]));
}

/// A failed sync, with and without a working truncation, at each place in a segment's life.
#[tokio::test]
async fn a_failed_sync_is_never_taken_for_a_good_one() {
    for (before, truncates) in [(0, true), (0, false), (3, true), (3, false)] {
        let bed = Bed::new(config(1 << 20));
        let (log, _) = bed.open();
        for key in 0..before {
            log.append(keyed(key)).await.unwrap();
        }
        bed.disk.fail_sync.store(true, Ordering::SeqCst);
        bed.disk.fail_truncate.store(!truncates, Ordering::SeqCst);
        for _ in 0..3 {
            let failed = log.append(keyed(50)).await;
            assert!(matches!(failed, Err(LogError::Io { .. })), "{failed:?}");
            assert_eq!(log.bounds().next, Offset(before));
        }
        bed.disk.fail_sync.store(false, Ordering::SeqCst);
        bed.disk.fail_truncate.store(false, Ordering::SeqCst);
        let again = log.append(keyed(50)).await.unwrap();
        assert_eq!((again.first, again.duplicates), (Offset(before), 0));
        assert_eq!(log.append(keyed(50)).await.unwrap().duplicates, 1);
        let wanted = expected((0..before).chain([50]));
        assert_eq!(messages(&log, 0).await, wanted);
        let segments = 1 + u64::from(before > 0);
        assert_eq!(log.bounds().segments, segments, "it goes on in a new file");
        log.close().await;
        let (log, recovery) = bed.open();
        assert!(recovery.is_clean(), "{recovery}");
        assert_eq!(messages(&log, 0).await, wanted);
        assert_eq!(log.append(keyed(50)).await.unwrap().duplicates, 1);
    }
}

#[tokio::test]
async fn the_whole_group_fails_together() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    bed.disk.hold();
    let mut first = pin!(log.append(keyed(0)));
    assert!(poll!(&mut first).is_pending());
    let mut group = pin!(join_all((1..9).map(|key| log.append(keyed(key)))));
    assert!(poll!(&mut group).is_pending());
    bed.disk.fail_sync.store(true, Ordering::SeqCst);
    bed.disk.release();
    assert!(first.await.is_err());
    assert!(group.await.iter().all(Result::is_err));
    bed.disk.fail_sync.store(false, Ordering::SeqCst);
    for key in 0..9 {
        assert_eq!(log.append(keyed(key)).await.unwrap().duplicates, 0);
    }
    assert_eq!(messages(&log, 0).await, expected(0..9));
    let stats = log.stats();
    assert_eq!(
        (stats.appends, stats.messages, stats.queue_bytes),
        (9, 9, 0)
    );
}

#[tokio::test]
async fn the_index_excludes_what_could_not_be_cut() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    log.append(keyed(0)).await.unwrap();
    bed.disk.fail_sync.store(true, Ordering::SeqCst);
    bed.disk.fail_truncate.store(true, Ordering::SeqCst);
    assert!(log.append(keyed(1)).await.is_err());
    bed.disk.fail_sync.store(false, Ordering::SeqCst);
    log.append(keyed(2)).await.unwrap();
    log.close().await;
    // Without the index too the record that failed must stay out.
    std::fs::remove_file(&bed.files("index")[0]).unwrap();
    let (log, recovery) = bed.open();
    assert_eq!(recovery.rebuilt.len(), 1);
    assert_eq!(messages(&log, 0).await, expected([0, 2]));
}

#[tokio::test]
async fn a_start_that_cannot_make_the_tail_durable_shows_it_to_nobody() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    log.append(keyed(0)).await.unwrap();
    log.close().await;
    bed.disk.fail_sync.store(true, Ordering::SeqCst);
    assert!(matches!(bed.try_open(), Err(LogError::Io { .. })));
    bed.disk.fail_sync.store(false, Ordering::SeqCst);
    assert_eq!(messages(&bed.open().0, 0).await, expected([0]));
}
