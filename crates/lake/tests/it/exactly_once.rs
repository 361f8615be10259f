use trunkline_log::EventLog;

use crate::support::{Bench, append};

const SEEN: &str =
    "select count(*), count(distinct \"offset\"), min(\"offset\"), max(\"offset\") from telemetry";

#[tokio::test]
async fn a_crash_before_the_flush_loses_nothing() {
    let bench = Bench::new().await;
    let next = bench.readings(300).await;
    let bench = bench.crash_and_reopen(2).await;
    bench.lake.wait_visible(next).await;
    assert_eq!(bench.sql(SEEN).await, "300,300,0,299");
}

#[tokio::test]
async fn a_crash_between_the_flush_and_the_cursor_doubles_nothing() {
    let bench = Bench::new().await;
    bench.readings(100).await;
    bench.lake.flush().await.unwrap();
    let cursor = bench.log.cursors()[0].offset;
    assert_eq!(cursor.0, 100);
    bench.readings(100).await;
    bench.lake.flush_without_cursor().await.unwrap();
    assert_eq!(bench.log.cursors()[0].offset, cursor);
    let next = bench.readings(50).await;
    let bench = bench.crash_and_reopen(2).await;
    bench.lake.wait_visible(next).await;
    assert_eq!(bench.sql(SEEN).await, "250,250,0,249");
    assert_eq!(bench.lake.table("telemetry").unwrap().hot_rows, 50);
}

#[tokio::test]
async fn a_decoder_that_panics_costs_one_record_and_says_so() {
    let bench = Bench::new().await;
    // Appended before any is read, so that one step of the lake takes all three.
    append(&*bench.log, &["device-1,1".into(), "device-2,2".into()]).await;
    append(&*bench.log, &["device-3,3".into(), "panic".into()]).await;
    let next = append(&*bench.log, &["device-4,4".into()]).await;
    bench.lake.wait_visible(next).await;
    assert_eq!(
        bench
            .sql("select device_id from telemetry order by \"offset\"")
            .await,
        "device-1 device-2 device-4"
    );
    assert_eq!(
        bench
            .sql("select \"offset\", protocol, code, bytes from dead_letters")
            .await,
        "2,lake,TL-LAKE-010,15"
    );
    let bench = bench.crash_and_reopen(2).await;
    bench.lake.wait_visible(next).await;
    assert_eq!(bench.sql("select count(*) from telemetry").await, "3");
    assert_eq!(bench.sql("select count(*) from dead_letters").await, "1");
}

#[tokio::test]
async fn a_clean_stop_leaves_nothing_to_read_again() {
    let bench = Bench::new().await;
    bench.readings(40).await;
    bench.lake.close().await.unwrap();
    let bench = bench.crash_and_reopen(2).await;
    assert_eq!(bench.lake.visible().0, 40);
    assert_eq!(bench.sql(SEEN).await, "40,40,0,39");
    assert_eq!(bench.lake.table("telemetry").unwrap().hot_rows, 0);
}
