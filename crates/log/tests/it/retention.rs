//! Old segments go, but never what an archiving cursor has not passed.

use trunkline_log::{EventLog, LogConfig, LogError, Offset};

use crate::support::{Bed, config, keyed, messages};

fn tight() -> LogConfig {
    LogConfig {
        retain_bytes: 1_000,
        cache_bytes: 0,
        ..config(300)
    }
}

#[tokio::test]
async fn nothing_goes_before_it_is_archived() {
    let bed = Bed::new(tight());
    let (log, _) = bed.open();
    for key in 0..50 {
        log.append(keyed(key)).await.unwrap();
    }
    assert_eq!(log.enforce_retention().await.unwrap(), 0, "nobody archives");
    log.commit("tail", Offset(50), false).await.unwrap();
    assert_eq!(log.enforce_retention().await.unwrap(), 0);
    for archived in [0, 7, 8, 23, 44] {
        log.commit("lake", Offset(archived), true).await.unwrap();
        log.enforce_retention().await.unwrap();
        let first = log.bounds().first;
        assert!(first <= Offset(archived));
        assert!(
            archived - first.0 < 4,
            "all whole segments before {archived} went"
        );
        assert_eq!(messages(&log, first.0).await.len() as u64, 50 - first.0);
    }
    let gone = log.read(Offset(3), 1).await;
    assert!(matches!(
        gone,
        Err(LogError::Gone {
            wanted: Offset(3),
            ..
        })
    ));
    let bounds = log.bounds();
    assert_eq!(bed.segments().len() as u64, bounds.segments);
    assert_eq!(bed.files("index").len() as u64, bounds.segments - 1);
    log.close().await;
    let (log, recovery) = bed.open();
    assert!(recovery.is_clean(), "{recovery}");
    assert_eq!(log.bounds(), bounds);
}

#[tokio::test]
async fn it_runs_by_itself_when_a_segment_is_begun() {
    let bed = Bed::new(tight());
    let (log, _) = bed.open();
    log.append(keyed(0)).await.unwrap();
    log.commit("lake", Offset(1), true).await.unwrap();
    for key in 1..200 {
        log.append(keyed(key)).await.unwrap();
        log.commit("lake", Offset(key), true).await.unwrap();
    }
    log.close().await;
    assert!(log.bounds().bytes < 2_000, "{:?}", log.bounds());
}

#[tokio::test]
async fn age_counts_from_the_last_message() {
    let bed = Bed::new(LogConfig {
        retain_seconds: 10,
        ..config(300)
    });
    let (log, _) = bed.open();
    for key in 0..9 {
        log.append(keyed(key)).await.unwrap();
        bed.clock.advance_micros(1_000_000);
    }
    log.commit("lake", Offset(9), true).await.unwrap();
    assert_eq!(log.enforce_retention().await.unwrap(), 0);
    bed.clock.advance_micros(5_000_000);
    log.enforce_retention().await.unwrap();
    let first = log.bounds().first.0;
    assert!((1..=4).contains(&first), "{first}");
}
