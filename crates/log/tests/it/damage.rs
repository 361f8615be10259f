//! Flipped bytes and lost files: what is whole stays readable, and the rest is said.

use std::pin::pin;

use futures::future::join_all;
use futures::poll;
use trunkline_log::{CutReason, EventLog, LogConfig, LogError, Offset};

use crate::support::{Bed, config, expected, flip, keyed, messages};

/// Bytes of a segment's header, and of a record made of [`keyed`] with one digit.
const HEADER: u64 = 64;
const RECORD: u64 = 60 + 4 + 16 + 1 + 9;

async fn filled(segment_bytes: u64, keys: u64) -> Bed {
    let bed = Bed::new(LogConfig {
        cache_bytes: 0,
        ..config(segment_bytes)
    });
    let (log, _) = bed.open();
    for key in 0..keys {
        log.append(keyed(key)).await.unwrap();
    }
    log.close().await;
    bed
}

#[tokio::test]
async fn one_flipped_byte_in_a_sealed_segment_costs_one_record() {
    for byte in 0..RECORD {
        let bed = filled(HEADER + 3 * RECORD, 9).await;
        assert_eq!(bed.segments().len(), 3);
        flip(&bed.segments()[1], HEADER + RECORD + byte);
        let (log, recovery) = bed.open();
        assert!(
            recovery.is_clean(),
            "sealed segments are not read at the start"
        );
        let before = log.read(Offset(3), 1_000).await.unwrap();
        assert_eq!((before.len(), before[0].base), (1, Offset(3)));
        match log.read(Offset(4), 1_000).await {
            Err(LogError::Corrupt { segment, position }) => {
                assert_eq!(segment, "00000000000000000003.log");
                assert_eq!(position, HEADER + RECORD);
            }
            other => panic!("byte {byte}: {other:?}"),
        }
        assert_eq!(log.next_readable(Offset(4)).await.unwrap(), Offset(5));
        let mut wanted = expected(0..9);
        wanted.remove(4);
        assert_eq!(messages(&log, 0).await, wanted);
    }
}

#[tokio::test]
async fn a_flipped_byte_before_the_last_group_is_reported_and_nothing_is_cut() {
    for byte in [0, 9, 70, RECORD - 1] {
        let bed = filled(1 << 20, 5).await;
        flip(&bed.segments()[0], HEADER + 2 * RECORD + byte);
        for _ in 0..2 {
            let (log, recovery) = bed.open();
            assert!(recovery.cuts.is_empty());
            let damage = &recovery.damage[0];
            assert_eq!((damage.first, damage.next), (2, 3));
            assert_eq!(damage.position, HEADER + 2 * RECORD);
            let mut wanted = expected(0..5);
            wanted.remove(2);
            assert_eq!(messages(&log, 0).await, wanted);
            assert_eq!(log.bounds().next, Offset(5));
        }
        let (log, _) = bed.open();
        assert_eq!(log.append(keyed(9)).await.unwrap().first, Offset(5));
    }
}

#[tokio::test]
async fn the_bytes_of_a_damaged_last_group_are_set_aside() {
    let bed = filled(1 << 20, 2).await;
    let (log, _) = bed.open();
    bed.disk.hold();
    let mut first = pin!(log.append(keyed(2)));
    assert!(poll!(&mut first).is_pending());
    // The writer waits in the sync of the first one, so that these two are one group.
    while std::fs::metadata(&bed.segments()[0]).unwrap().len() < HEADER + 3 * RECORD {
        tokio::task::yield_now().await;
    }
    let mut group = pin!(join_all([log.append(keyed(3)), log.append(keyed(4))]));
    assert!(poll!(&mut group).is_pending());
    bed.disk.release();
    first.await.unwrap();
    assert!(group.await.iter().all(Result::is_ok));
    log.close().await;

    let segment = &bed.segments()[0];
    let whole = std::fs::read(segment).unwrap();
    flip(segment, HEADER + 3 * RECORD + 70);
    let (log, recovery) = bed.open();
    let cut = &recovery.cuts[0];
    assert_eq!((cut.position, cut.bytes), (HEADER + 3 * RECORD, 2 * RECORD));
    assert_eq!(cut.reason, CutReason::TornGroup);
    assert!(recovery.to_string().contains(".damaged"), "{recovery}");
    let aside = std::fs::read(&bed.files("damaged")[0]).unwrap();
    assert_eq!(
        aside[RECORD as usize..],
        whole[(HEADER + 4 * RECORD) as usize..]
    );
    assert_eq!(messages(&log, 0).await, expected(0..3));
    assert_eq!(log.append(keyed(4)).await.unwrap().duplicates, 0);
}

#[tokio::test]
async fn a_lost_or_damaged_index_is_built_again() {
    let bed = filled(HEADER + 3 * RECORD, 9).await;
    std::fs::remove_file(&bed.files("index")[0]).unwrap();
    flip(&bed.files("index")[0], 20);
    let (log, recovery) = bed.open();
    assert_eq!(recovery.rebuilt.len(), 2, "{recovery}");
    assert_eq!(messages(&log, 0).await, expected(0..9));
    drop(log);
    let (_, recovery) = bed.open();
    assert!(recovery.rebuilt.is_empty());
}

#[tokio::test]
async fn a_segment_without_a_header_costs_only_itself() {
    let bed = filled(HEADER + 3 * RECORD, 9).await;
    for copy in [3, 35] {
        flip(&bed.segments()[1], copy);
    }
    let (log, recovery) = bed.open();
    let damage = &recovery.damage[0];
    assert_eq!((damage.first, damage.next), (3, 6));
    let mut wanted = expected(0..9);
    wanted.drain(3..6);
    assert_eq!(messages(&log, 0).await, wanted);
    assert_eq!(log.next_readable(Offset(4)).await.unwrap(), Offset(6));
}

#[tokio::test]
async fn a_lost_segment_is_a_gap_that_is_said() {
    let bed = filled(HEADER + 3 * RECORD, 9).await;
    std::fs::remove_file(&bed.segments()[1]).unwrap();
    let (log, recovery) = bed.open();
    assert_eq!((recovery.damage[0].first, recovery.damage[0].next), (3, 6));
    assert!(matches!(
        log.read(Offset(3), 1).await,
        Err(LogError::Corrupt { .. })
    ));
    assert_eq!(log.next_readable(Offset(3)).await.unwrap(), Offset(6));
}

#[tokio::test]
async fn a_newer_format_is_refused_and_left_alone() {
    let bed = filled(1 << 20, 1).await;
    let segment = &bed.segments()[0];
    let mut bytes = std::fs::read(segment).unwrap();
    bytes[8] = 2;
    let crc = crc32fast::hash(&bytes[..28]).to_le_bytes();
    bytes[28..32].copy_from_slice(&crc);
    std::fs::write(segment, &bytes).unwrap();
    assert!(matches!(bed.try_open(), Err(LogError::Io { .. })));
    assert_eq!(std::fs::read(segment).unwrap(), bytes);
}
