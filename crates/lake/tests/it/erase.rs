use trunkline_lake::LakeError;

use crate::support::Bench;

#[tokio::test]
async fn erased_rows_are_gone_from_files_and_memory() {
    let bench = Bench::new().await;
    bench.readings(100).await;
    bench.lake.flush().await.unwrap();
    let next = bench.readings(100).await;
    assert_eq!(
        bench
            .lake
            .erase("telemetry", "device_id = 'device-3'")
            .await
            .unwrap(),
        20
    );
    assert_eq!(
        bench
            .sql("select count(*), count(distinct device_id) from telemetry")
            .await,
        "180,9"
    );
    assert_eq!(
        bench
            .lake
            .erase("telemetry", "device_id = 'device-3'")
            .await
            .unwrap(),
        0
    );
    let bench = bench.crash_and_reopen(2).await;
    bench.lake.wait_visible(next).await;
    assert_eq!(bench.sql("select count(*) from telemetry").await, "180");
}

#[tokio::test]
async fn rows_for_which_the_predicate_is_unknown_stay() {
    let bench = Bench::new().await;
    bench.readings(10).await;
    assert_eq!(
        bench.lake.erase("telemetry", "extra = 'x'").await.unwrap(),
        0
    );
    assert_eq!(bench.lake.erase("telemetry", "value < 5").await.unwrap(), 5);
    assert_eq!(bench.sql("select count(*) from telemetry").await, "5");
    let wrong = bench.lake.erase("telemetry", "no_such_column = 1").await;
    assert!(matches!(wrong, Err(LakeError::InvalidSql(_))), "{wrong:?}");
}
