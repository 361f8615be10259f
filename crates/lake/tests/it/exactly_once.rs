use trunkline_log::EventLog;

use crate::support::Bench;

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
async fn a_clean_stop_leaves_nothing_to_read_again() {
    let bench = Bench::new().await;
    bench.readings(40).await;
    bench.lake.close().await.unwrap();
    let bench = bench.crash_and_reopen(2).await;
    assert_eq!(bench.lake.visible().0, 40);
    assert_eq!(bench.sql(SEEN).await, "40,40,0,39");
    assert_eq!(bench.lake.table("telemetry").unwrap().hot_rows, 0);
}
