use crate::support::Bench;

#[tokio::test]
async fn rows_are_seen_before_and_after_they_reach_a_file() {
    let bench = Bench::new().await;
    let next = bench.readings(1_000).await;
    let count = "select count(*), sum(value), max(\"offset\") from telemetry";
    let before = bench.sql(count).await;
    assert_eq!(before, "1000,500000.0,999");
    bench.lake.flush().await.unwrap();
    assert_eq!(bench.sql(count).await, before);
    assert_eq!(bench.lake.committed(), next);
    bench.readings(10).await;
    assert_eq!(bench.sql("select count(*) from telemetry").await, "1010");
    let table = bench.lake.table("telemetry").unwrap();
    assert_eq!(
        (table.rows, table.hot_rows, table.files.len()),
        (1_010, 10, 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_sees_each_row_once_while_rows_move_to_files() {
    let bench = Bench::new().await;
    let lake = bench.lake.clone();
    let flusher = tokio::spawn(async move {
        for _ in 0..20 {
            lake.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    let mut sent = 0;
    while !flusher.is_finished() {
        bench.readings(50).await;
        sent += 50;
        let seen = bench
            .sql("select count(*), count(distinct \"offset\") from telemetry")
            .await;
        assert_eq!(seen, format!("{sent},{sent}"));
    }
    flusher.await.unwrap();
}

#[tokio::test]
async fn days_go_to_files_of_their_own_and_small_files_together() {
    let bench = Bench::new().await;
    for _ in 0..9 {
        bench.readings(20).await;
        bench.lake.flush().await.unwrap();
    }
    bench.clock.advance_micros(86_400_000_000);
    bench.readings(20).await;
    bench.lake.flush().await.unwrap();
    assert_eq!(bench.lake.table("telemetry").unwrap().files.len(), 10);
    bench.lake.maintain().await.unwrap();
    let table = bench.lake.table("telemetry").unwrap();
    assert_eq!(table.files.len(), 2, "{:?}", table.files);
    assert_eq!(table.rows, 200);
    assert_eq!(
        bench.sql("select day, count(*), count(distinct device_id) from telemetry group by day order by day").await,
        "2026-11-24,180,10 2026-11-25,20,10"
    );
    // Readers that began before may still need the files; a moment later nobody does.
    bench.clock.advance_micros(1_000_000);
    bench.lake.maintain().await.unwrap();
    let folder = bench.folder.path().join("lake/telemetry/day=2026-11-24");
    assert_eq!(
        std::fs::read_dir(folder).unwrap().count(),
        1,
        "replaced files are deleted"
    );
}

#[tokio::test]
async fn old_days_expire() {
    let bench = Bench::new().await;
    bench.readings(5).await;
    bench.lake.flush().await.unwrap();
    bench.lake.retain("telemetry", Some(2)).await.unwrap();
    bench.clock.advance_micros(3 * 86_400_000_000);
    bench.readings(7).await;
    bench.lake.flush().await.unwrap();
    bench.lake.maintain().await.unwrap();
    assert_eq!(bench.sql("select count(*) from telemetry").await, "7");
    assert_eq!(
        bench.lake.table("telemetry").unwrap().retention_days,
        Some(2)
    );
}
