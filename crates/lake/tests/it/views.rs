//! Views: what is said of them, what they are not, and what the built-in ones tell.

use trunkline_lake::{Column, ColumnType, LakeError, View, views};

use crate::support::{Bench, table};

const CHANGE: &str = "trunkline.forge.change.changed.v1";
const LANDING: &str = "trunkline.forge.landing.finished.v1";
const DEPLOYMENT: &str = "trunkline.run.deployment.changed.v1";
const TASK: &str = "trunkline.forge.task.finished.v1";

const SECOND: i64 = 1_000_000;

fn view(name: &str, query: &str, column: &str) -> View {
    View {
        name: name.into(),
        about: "Devices, counted.".into(),
        query: query.into(),
        columns: vec![Column::new(column, ColumnType::Integer, "A count.")],
    }
}

#[tokio::test]
async fn a_view_is_listed_and_described_as_tables_are() {
    let bench = Bench::new().await;
    let query = "select count(distinct device_id) as devices from telemetry";
    bench
        .lake
        .add_view(view("seen", query, "devices"))
        .await
        .unwrap();
    bench.readings(20).await;
    assert_eq!(bench.sql("select devices from seen").await, "10");
    let listed = "select table_type from information_schema.tables where table_name = 'seen'";
    assert_eq!(bench.sql(listed).await, "VIEW");
    let columns =
        "select column_name, data_type from information_schema.columns where table_name = 'seen'";
    assert_eq!(bench.sql(columns).await, "devices,Int64");
    let definition = "select definition from information_schema.views where table_name = 'seen'";
    assert_eq!(bench.sql(definition).await, query);

    let described = bench.lake.table("seen").unwrap();
    let made_of = described.view.unwrap();
    assert_eq!(made_of.query, query);
    assert_eq!(made_of.tables, ["telemetry"]);
    assert_eq!(described.schema.columns[0].comment, "A count.");
    let names: Vec<_> = bench.lake.tables();
    let names: Vec<_> = names.iter().map(|table| &*table.schema.name).collect();
    assert!(names.is_sorted() && names.contains(&"seen"), "{names:?}");
    // What a view reads, it reads in the end: by another view too.
    let delivery = bench.lake.table("delivery").unwrap().view.unwrap();
    assert_eq!(delivery.tables, ["changes", "landings"]);
}

#[tokio::test]
async fn what_is_no_view_is_refused() {
    let bench = Bench::new().await;
    let counts = "select count(*) as devices from telemetry";
    for (name, query, column) in [
        ("seen", "select count(*) as devices from nowhere", "devices"),
        // It would stand on itself.
        (
            "seen",
            "select max(devices) as devices from seen",
            "devices",
        ),
        ("seen", "drop table telemetry", "devices"),
    ] {
        let added = bench.lake.add_view(view(name, query, column)).await;
        assert!(
            matches!(
                added,
                Err(LakeError::InvalidSql(_) | LakeError::ReadOnly(_))
            ),
            "{query}: {added:?}"
        );
    }
    let other = bench.lake.add_view(view("seen", counts, "things")).await;
    assert!(
        matches!(other, Err(LakeError::InvalidColumn(_))),
        "{other:?}"
    );
    for name in ["telemetry", "lead_time"] {
        let taken = bench.lake.add_view(view(name, counts, "devices")).await;
        assert!(matches!(taken, Err(LakeError::Taken(_))), "{taken:?}");
    }
    let lake = &bench.lake;
    let register = lake.register("shop.order", "lead_time", vec![], vec![]);
    for refused in [
        register.await.map(drop),
        lake.provide("lead_time", vec![]).await.map(drop),
        lake.retain("lead_time", Some(1)).await,
        lake.erase("lead_time", "seconds > 1").await.map(drop),
    ] {
        assert!(matches!(refused, Err(LakeError::Taken(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_view_goes_on_when_its_table_gets_columns() {
    let bench = Bench::new().await;
    let columns = |names: &[&str]| {
        let names = names.iter();
        names
            .map(|name| Column::new(name, ColumnType::String, "A text."))
            .collect()
    };
    let register = |names| bench.lake.register("shop.order", "orders", names, vec![]);
    register(columns(&["city"])).await.unwrap();
    let query = "select count(city) as cities from orders where city > 'a'";
    bench
        .lake
        .add_view(view("sold", query, "cities"))
        .await
        .unwrap();
    bench.send(&["shop.order:city=rome".into()]).await;
    bench.lake.flush().await.unwrap();
    register(columns(&["city", "customer"])).await.unwrap();
    bench
        .send(&["shop.order:city=oslo;customer=ada".into()])
        .await;
    bench.lake.flush().await.unwrap();
    assert_eq!(bench.sql("select cities from sold").await, "2");
}

#[tokio::test]
async fn a_table_that_was_there_first_stays() {
    let bench = Bench::new().await;
    let columns = vec![Column::new("city", ColumnType::String, "A text.")];
    let registered = bench.lake.register("shop.order", "orders", columns, vec![]);
    registered.await.unwrap();
    bench.send(&["shop.order:city=rome".into()]).await;
    bench.lake.flush().await.unwrap();
    // As a lake has it whose owner chose the name before there was such a view.
    let folder = bench.folder.path().join("lake");
    std::fs::rename(folder.join("orders"), folder.join("lead_time")).unwrap();
    let bench = bench.crash_and_reopen(2).await;
    assert_eq!(bench.sql("select city from lead_time").await, "rome");
    assert!(bench.lake.table("lead_time").unwrap().view.is_none());
    // What would read the view of that name is not there; the others are.
    assert!(table(&bench.lake, "select * from delivery").await.is_err());
    assert_eq!(bench.sql("select count(*) from task_cost").await, "0");
}

/// A change that is pushed twice, waits and lands, one that is refused, and one that is open.
async fn ship(bench: &Bench) {
    let change = |number: i64, rest: &str| {
        format!(
            "{CHANGE}:repository=shop;change={number};author=ada;title=t{number};mode=ship;{rest}"
        )
    };
    bench
        .send(&[
            change(1, "state=queued;revision=1"),
            change(3, "state=open;revision=1"),
        ])
        .await;
    bench.clock.advance_micros(30 * SECOND);
    bench
        .send(&[
            change(1, "state=queued;revision=2"),
            change(2, "state=queued;revision=1"),
        ])
        .await;
    // Some rows lie in files and some in memory.
    bench.lake.flush().await.unwrap();
    bench.clock.advance_micros(60 * SECOND);
    let landing =
        |outcome: &str, rest: &str| format!("{LANDING}:repository=shop;outcome={outcome};{rest}");
    bench
        .send(&[
            change(1, "state=landed;revision=2;landed=abc"),
            landing("landed", "changes=[1];tasks=4;ran=1"),
            change(2, "state=refused;revision=1"),
            landing("refused", "changes=[2,4];tasks=0;ran=0"),
        ])
        .await;
}

#[tokio::test]
async fn lead_time_is_from_the_first_push_to_the_trunk() {
    let bench = Bench::new().await;
    ship(&bench).await;
    let query = "select repository, change, title, author, mode, revisions, \"commit\", pushed, time, seconds from lead_time";
    assert_eq!(
        bench.sql(query).await,
        "shop,1,t1,ada,ship,2,abc,2026-11-24T12:00:00Z,2026-11-24T12:01:30Z,90.0"
    );
}

#[tokio::test]
async fn delivery_has_a_row_for_each_day_and_repository() {
    let bench = Bench::new().await;
    ship(&bench).await;
    bench.clock.advance_micros(86_400 * SECOND);
    let landing = format!("{LANDING}:repository=stock;outcome=refused;changes=[7];tasks=0;ran=0");
    bench.send(&[landing]).await;
    assert_eq!(
        bench.sql("select * from delivery order by day").await,
        "2026-11-24,shop,1,1,1,2,90.0,90.0,4,1 2026-11-25,stock,0,0,1,1,,,0,0"
    );
}

#[tokio::test]
async fn service_delivery_tells_what_was_taken_back_and_how_soon() {
    let bench = Bench::new().await;
    ship(&bench).await;
    let step = |deployment: u32, state: &str, rest: &str| {
        format!("{DEPLOYMENT}:service=web;deployment=d{deployment};state={state};{rest}")
    };
    let release = |number: u32, state: &str| {
        step(
            number,
            state,
            &format!("kind=release;release=r{number};commit=c{number}"),
        )
    };
    let steps = [
        // Seconds after the change landed, which was 90 s after its first push.
        (
            10,
            step(1, "fetching", "kind=release;release=r1;commit=abc"),
        ),
        (20, step(1, "settled", "kind=release;release=r1;commit=abc")),
        (30, release(2, "canary")),
        (45, release(2, "rolling_back")),
        (46, release(2, "rolled_back")),
        (50, release(3, "starting")),
        (55, release(3, "failed")),
        (60, release(4, "canary")),
        (70, release(4, "settled")),
        // Somebody went back from release 4.
        (
            99,
            step(5, "settled", "kind=rollback;release=r1;previous=r4"),
        ),
        (120, release(6, "superseded")),
    ];
    let mut now = 0;
    for (at, event) in steps {
        bench.clock.advance_micros((at - now) * SECOND);
        now = at;
        bench.send(&[event]).await;
    }
    assert_eq!(
        bench.sql("select day, service, deployments, not_started, taken_back, round(change_failure_share, 2), lead_seconds_median, recovery_seconds_median from service_delivery").await,
        "2026-11-24,web,3,1,2,0.67,110.0,27.5"
    );
}

#[tokio::test]
async fn cost_and_flakes_count_each_run_once() {
    let bench = Bench::new().await;
    let run = |run: &str, key: &str, rest: &str| {
        format!("{TASK}:repository=shop;project=prices;task=test;run={run};key={key};{rest}")
    };
    bench
        .send(&[
            run(
                "a",
                "k1",
                "outcome=red;milliseconds=1000;cached=false;flaky=false",
            ),
            run(
                "b",
                "k1",
                "outcome=green;milliseconds=3000;cached=false;flaky=false",
            ),
            // The same run once more, with its mark.
            run(
                "b",
                "k1",
                "outcome=green;milliseconds=3000;cached=false;flaky=true",
            ),
            run(
                "c",
                "k2",
                "outcome=red;milliseconds=500;cached=false;flaky=false",
            ),
            run(
                "d",
                "k3",
                "outcome=green;milliseconds=100;cached=true;flaky=false",
            ),
            run(
                "e",
                "k4",
                "outcome=cancelled;milliseconds=1500;cached=false;flaky=false",
            ),
        ])
        .await;
    assert_eq!(
        bench.sql("select * from task_cost").await,
        "2026-11-24,shop,prices,test,4,6.0,1,0.2,2.9"
    );
    assert_eq!(
        bench.sql("select repository, project, task, runs, flakes, round(share, 2), time from flake_rate").await,
        "shop,prices,test,3,1,0.33,2026-11-24T12:00:00Z"
    );
}

#[tokio::test]
async fn nothing_tells_nothing() {
    let bench = Bench::new().await;
    for view in views::built_in() {
        let query = format!("select * from {}", view.name);
        assert_eq!(table(&bench.lake, &query).await.unwrap(), "", "{query}");
    }
}
