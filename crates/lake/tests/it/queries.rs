use std::time::Duration;

use futures::TryStreamExt;
use trunkline_lake::{LakeConfig, LakeError};

use crate::support::{Bench, quiet, statement, table};

#[tokio::test]
async fn json_buckets_and_percentiles_work() {
    let bench = Bench::new().await;
    bench.readings(100).await;
    let answer = bench
        .sql(
            "select time_bucket(interval '1 hour', time) as hour, attributes->'site'->>'name' as site, \
             percentile_cont(0.5) within group (order by value) from telemetry where attributes->'site'->>'name' = 'device-3' group by 1, 2",
        )
        .await;
    assert_eq!(answer, "2026-11-24T12:00:00Z,device-3,48.5");
}

#[tokio::test]
async fn files_that_cannot_match_are_not_opened() {
    let bench = Bench::new().await;
    for hour in 0..4 {
        bench.readings(10).await;
        bench.lake.flush().await.unwrap();
        bench.clock.advance_micros(3_600_000_000 * (hour + 1));
    }
    let plan = bench
        .sql("explain select count(*) from telemetry where time >= '2026-11-24T13:00:00Z' and time < '2026-11-24T14:00:00Z' and value > 1")
        .await;
    assert_eq!(plan.matches(".parquet").count(), 1, "{plan}");
}

#[tokio::test]
async fn sql_only_reads() {
    let bench = Bench::new().await;
    for query in [
        "create table x (a int)",
        "insert into telemetry (device_id) values ('x')",
        "delete from telemetry",
        "drop table telemetry",
        "copy telemetry to '/tmp/x.csv'",
        "set datafusion.execution.batch_size = 1",
        "explain analyze insert into telemetry (device_id) values ('x')",
        "create external table t stored as csv location '/etc/passwd'",
    ] {
        let answer = table(&bench.lake, query).await;
        assert!(
            matches!(
                answer,
                Err(LakeError::ReadOnly(_) | LakeError::InvalidSql(_))
            ),
            "{query}: {answer:?}"
        );
    }
    assert!(matches!(
        table(&bench.lake, "select * from '/etc/passwd'").await,
        Err(LakeError::InvalidSql(_))
    ));
    assert!(matches!(
        table(&bench.lake, "select nothing from telemetry").await,
        Err(LakeError::InvalidSql(_))
    ));
    assert!(
        table(
            &bench.lake,
            "explain analyze select count(*) from telemetry"
        )
        .await
        .unwrap()
        .contains("output_rows")
    );
    assert_eq!(
        bench.sql("show tables;").await,
        "audit changes commits dead_letters delivery deployments events flake_rate landings lead_time logs messages metrics releases requests service_delivery spans task_cost tasks telemetry twins"
    );
}

/// A statement that would run for hours.
const ENDLESS: &str = "select count(*) from generate_series(1, 300000) a, generate_series(1, 300000) b where (a.value * b.value) % 7 = 3";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_ends_when_its_time_is_over_or_someone_stops_it() {
    let bench = Bench::new().await;
    let mut slow = statement(ENDLESS);
    slow.timeout = Some(Duration::from_millis(100));
    let rows = bench.lake.query(slow).await.unwrap();
    assert!(matches!(
        rows.try_collect::<Vec<_>>().await,
        Err(LakeError::Timeout(100))
    ));

    let rows = bench.lake.query(statement(ENDLESS)).await.unwrap();
    assert_eq!(bench.lake.running().len(), 1);
    bench.lake.cancel(ENDLESS).unwrap();
    assert!(matches!(
        rows.try_collect::<Vec<_>>().await,
        Err(LakeError::Cancelled)
    ));
    assert!(matches!(
        bench.lake.cancel("nothing"),
        Err(LakeError::UnknownStatement(_))
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_wants_all_memory_is_refused_and_others_go_on() {
    let bench = Bench::with(LakeConfig {
        query_memory_bytes: 4 << 20,
        query_spill_bytes: 1 << 20,
        ..quiet()
    })
    .await;
    bench.readings(100).await;
    let greedy = "select array_agg(a.value) from generate_series(1, 50000000) a";
    let answer = table(&bench.lake, greedy).await;
    assert!(matches!(answer, Err(LakeError::Memory(_))), "{answer:?}");
    assert_eq!(bench.sql("select count(*) from telemetry").await, "100");
}

#[tokio::test]
async fn rows_beyond_the_limit_are_left_out_and_said_to_be() {
    let bench = Bench::new().await;
    bench.readings(30).await;
    for (limit, truncated) in [(29, true), (30, false)] {
        let mut limited = statement("select * from telemetry");
        limited.id = format!("limited to {limit}");
        limited.limit = Some(limit);
        let mut rows = bench.lake.query(limited).await.unwrap();
        let mut count = 0;
        while let Some(batch) = rows.try_next().await.unwrap() {
            count += batch.num_rows();
        }
        assert_eq!((count, rows.truncated()), (limit, truncated));
    }
}

#[tokio::test]
async fn plans_follow_a_changed_shape() {
    let bench = Bench::new().await;
    let query = "select * from orders";
    assert!(table(&bench.lake, query).await.is_err());
    let column = |name| trunkline_lake::Column::new(name, trunkline_lake::ColumnType::String, "");
    bench
        .lake
        .register("shop.order", "orders", vec![column("customer")], vec![])
        .await
        .unwrap();
    bench.send(&["shop.order:customer=ada".into()]).await;
    let before = bench.sql(query).await;
    bench
        .lake
        .register("shop.order", "orders", vec![column("city")], vec![])
        .await
        .unwrap();
    let after = bench.sql(query).await;
    assert_eq!(before.matches(',').count() + 1, after.matches(',').count());
}

#[tokio::test]
async fn times_are_cut_to_every_unit_as_without_a_zone() {
    let bench = Bench::new().await;
    bench.readings(3).await;
    bench
        .clock
        .advance_micros(40 * 86_400_000_000 + 12_345_678_901);
    bench.readings(3).await;
    for unit in [
        "year",
        "quarter",
        "month",
        "week",
        "day",
        "hour",
        "minute",
        "second",
        "millisecond",
    ] {
        let differing = format!(
            "select count(*) from telemetry where \
             date_trunc('{unit}', time) <> arrow_cast(date_trunc('{unit}', arrow_cast(time, 'Timestamp(Microsecond, None)')), \
             'Timestamp(Microsecond, Some(\"UTC\"))')"
        );
        assert_eq!(bench.sql(&differing).await, "0", "{unit}");
        let kinds = format!(
            "select distinct arrow_typeof(date_trunc('{unit}', time)) = arrow_typeof(time) from telemetry"
        );
        assert_eq!(bench.sql(&kinds).await, "true", "{unit}");
    }
    let hours = bench
        .sql("select distinct date_trunc('hour', time) as hour from telemetry order by hour")
        .await;
    assert_eq!(hours, "2026-11-24T12:00:00Z 2027-01-03T15:00:00Z");
}
