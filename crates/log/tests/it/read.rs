//! Reading from memory and from disk, waiting, and subscriptions.

use std::sync::Arc;

use trunkline_log::{EventLog, LogConfig, Offset, Subscription};

use crate::support::{Bed, batch, config, expected, keyed, messages, texts};

#[tokio::test]
async fn memory_and_disk_say_the_same() {
    let bed = Bed::new(LogConfig {
        cache_bytes: 2_000,
        ..config(3_000)
    });
    let (log, _) = bed.open();
    for key in 0..100 {
        log.append(keyed(key)).await.unwrap();
    }
    let cached = log.stats().cache_bytes;
    assert!(0 < cached && cached <= 2_000);
    for from in 0..=100 {
        let all = expected(0..100);
        assert_eq!(messages(&log, from).await, all[from as usize..]);
    }
}

#[tokio::test]
async fn a_read_is_bounded_and_makes_progress() {
    let bed = Bed::new(LogConfig {
        cache_bytes: 0,
        ..config(1 << 20)
    });
    let (log, _) = bed.open();
    for _ in 0..20 {
        log.append(batch(&[&[1; 1_000], &[2; 1_000]], &[]))
            .await
            .unwrap();
    }
    let some = log.read(Offset(1), 7_000).await.unwrap();
    assert_eq!(
        (some.len(), some[0].base, some[2].base),
        (3, Offset(0), Offset(4))
    );
    assert_eq!(log.read(Offset(39), 0).await.unwrap().len(), 1);
    assert!(log.read(Offset(40), 1 << 20).await.unwrap().is_empty());
    assert!(log.read(Offset(4_000), 1 << 20).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_large_record_is_read_whole() {
    let bed = Bed::new(LogConfig {
        cache_bytes: 0,
        ..config(1 << 20)
    });
    let (log, _) = bed.open();
    let noise: Vec<u8> = (0..800_000_u64)
        .map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect();
    log.append(batch(&[&noise], &[])).await.unwrap();
    log.append(keyed(1)).await.unwrap();
    let records = log.read(Offset(0), usize::MAX).await.unwrap();
    assert_eq!(records[0].messages().next().unwrap().1, noise);
    assert_eq!(texts(&records[1])[0].1, "message 1");
}

#[tokio::test]
async fn a_subscription_waits_and_misses_nothing() {
    let bed = Bed::new(config(500));
    let (log, _) = bed.open();
    let follower = Arc::clone(&log);
    let reader = tokio::spawn(async move {
        let mut subscription = Subscription::new(follower, Offset(0), 300);
        let mut found = Vec::new();
        while found.len() < 50 {
            let records = subscription.next().await.unwrap();
            found.extend(records.iter().flat_map(texts));
        }
        assert_eq!(subscription.position(), Offset(50));
        found
    });
    for key in 0..50 {
        log.append(keyed(key)).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(reader.await.unwrap(), expected(0..50));
}
