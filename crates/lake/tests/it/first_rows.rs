//! The latest row of each device and the like.

use trunkline_lake::{Column, ColumnType};

use crate::support::Bench;

#[tokio::test]
async fn the_latest_row_of_each_device_comes_without_sorting_the_table() {
    let bench = Bench::new().await;
    for hour in 0..3 {
        bench.readings(40).await;
        if hour < 2 {
            bench.lake.flush().await.unwrap();
        }
        bench.clock.advance_micros(3_600_000_000);
    }
    let newest = |condition: &str| {
        format!(
            "select device_id, value, hour from (select *, date_part('hour', time) as hour, \
             row_number() over (partition by device_id order by time desc, value desc) as place from telemetry) \
             where {condition} order by device_id"
        )
    };
    let expected = bench
        .sql(
            "select device_id, max(value), 14 from telemetry group by device_id order by device_id",
        )
        .await;
    for condition in [
        "place = 1",
        "place <= 1",
        "1 = place",
        "place < 2 and value >= 0",
    ] {
        let query = newest(condition);
        let answer = bench.sql(&query).await;
        assert_eq!(
            answer.replace(".0,14", ",14").replace(",14.0", ",14"),
            expected.replace(".0,14", ",14"),
            "{condition}"
        );
        let plan = bench.sql(&format!("explain {query}")).await;
        assert!(
            plan.contains("FirstRowExec: keys=[device_id@"),
            "{condition}: {plan}"
        );
    }
    // A second function of the window wants the rows that would go, and the second row is no first one.
    let second = "select * from (select device_id, row_number() over w as place, lag(value) over w as before from telemetry \
                  window w as (partition by device_id order by time)) where place = 1";
    for query in [second, &newest("place = 2"), &newest("place >= 1")] {
        let plan = bench.sql(&format!("explain {query}")).await;
        assert!(!plan.contains("FirstRowExec"), "{plan}");
    }
    assert_eq!(
        bench
            .sql(&format!("select count(*) from ({})", newest("place = 2")))
            .await,
        "10"
    );
}

#[tokio::test]
async fn last_values_and_distinct_rows_come_from_the_first_rows_of_their_groups() {
    let bench = Bench::new().await;
    for _ in 0..2 {
        bench.readings(40).await;
        bench.lake.flush().await.unwrap();
        bench.clock.advance_micros(3_600_000_000);
    }
    bench.readings(20).await;
    for (query, reduced, answer) in [
        (
            "select sum(v) from (select device_id, last_value(value order by \"offset\") as v from telemetry group by device_id)",
            true,
            "150.0",
        ),
        (
            "select sum(v) from (select device_id, first_value(value order by \"offset\") as v from telemetry group by device_id)",
            true,
            "50.0",
        ),
        (
            "select max(n) from (select date_trunc('hour', time) as hour, count(distinct device_id) as n from telemetry group by hour)",
            true,
            "10",
        ),
        (
            "select sum(v), sum(m) from (select device_id, last_value(value order by \"offset\") as v, max(value) as m from telemetry group by device_id)",
            false,
            "150.0,350.0",
        ),
        (
            "select count(*) from (select distinct device_id from telemetry limit 3)",
            false,
            "3",
        ),
    ] {
        assert_eq!(bench.sql(query).await, answer, "{query}");
        let plan = bench.sql(&format!("explain {query}")).await;
        assert_eq!(plan.contains("FirstRowExec"), reduced, "{query}: {plan}");
    }
}

#[tokio::test]
async fn a_scan_decodes_the_other_columns_of_first_rows_alone() {
    let bench = Bench::new().await;
    for _ in 0..3 {
        bench.readings(40).await;
        bench.lake.flush().await.unwrap();
        bench.clock.advance_micros(3_600_000_000);
    }
    bench.readings(5).await;
    let latest = |condition: &str, wanted: &str| {
        format!(
            "select device_id, {wanted} from (select *, row_number() over (partition by device_id order by \"offset\" desc) as place \
             from telemetry where {condition}) where place = 1 order by device_id"
        )
    };
    for condition in [
        "true",
        "value < 25",
        "attributes->'site'->>'name' <> 'device-3'",
    ] {
        let query = latest(condition, "value, attributes");
        let plan = bench.sql(&format!("explain {query}")).await;
        assert!(plan.contains("may_be_first(keys=[device_id@"), "{plan}");
        let joined = format!(
            "select t.device_id, t.value, t.attributes from telemetry t join (select device_id, max(\"offset\") as last from telemetry \
             where {condition} group by device_id) l on t.device_id = l.device_id and t.\"offset\" = l.last order by t.device_id"
        );
        assert_eq!(
            bench.sql(&query).await,
            bench.sql(&joined).await,
            "{condition}"
        );
    }
    // Where nothing else is read there is nothing to save.
    let keys = bench
        .sql(&format!("explain {}", latest("true", "\"offset\"")))
        .await;
    assert!(
        keys.contains("FirstRowExec") && !keys.contains("may_be_first"),
        "{keys}"
    );
}

#[tokio::test]
async fn files_from_before_a_column_was_added_have_first_rows_too() {
    let bench = Bench::new().await;
    let columns = |names: &[&str]| {
        let column = |name: &&str| Column::new(name, ColumnType::String, "A text.");
        names.iter().map(column).collect::<Vec<_>>()
    };
    for names in [&["customer"][..], &["customer", "city"]] {
        let registered = bench
            .lake
            .register("shop.order", "orders", columns(names), vec![]);
        registered.await.unwrap();
        for city in ["paris", "rome", "paris"] {
            bench.send(&[format!("shop.order:city={city}")]).await;
        }
        bench.lake.flush().await.unwrap();
        bench.clock.advance_micros(3_600_000_000);
    }
    // The older rows have no city: they are one group, though their file has no such column.
    let query = "select city, extra, \"offset\" from (select *, row_number() over (partition by city order by \"offset\" desc) as place \
                 from orders) where place = 1 order by \"offset\"";
    let plan = bench.sql(&format!("explain {query}")).await;
    assert!(plan.contains("may_be_first(keys=[city@"), "{plan}");
    let offsets = bench
        .sql("select city, max(\"offset\") as last from orders group by city order by last")
        .await;
    let found = bench
        .sql(&format!(
            "select city, \"offset\" from ({query}) order by \"offset\""
        ))
        .await;
    assert_eq!(found, offsets);
    assert_eq!(found.split(' ').count(), 3, "{found}");
}
