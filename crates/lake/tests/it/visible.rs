//! Whoever asks sees no more than they may, however they ask.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringViewArray};
use futures::TryStreamExt;
use trunkline_lake::{Column, ColumnType, LakeError, Present, Sight, TableSchema, View, Visible};

use crate::support::{Bench, rows_of, statement};

/// Sees the rows of one team and of nobody in `orders`, and no `telemetry` at all.
#[derive(Debug)]
struct OneTeam(&'static str);

impl Visible for OneTeam {
    fn sight(&self, table: &str, by_team: bool) -> Sight {
        match table {
            "telemetry" | "twins" | "present" => Sight::Nothing(format!("{table} is not for you")),
            _ if by_team => Sight::Teams {
                teams: vec![self.0.into()],
                without_team: true,
            },
            _ => Sight::Whole,
        }
    }
}

/// A view over `orders` and, where it has one, another table.
fn view(name: &str, query: &str) -> View {
    View {
        name: name.into(),
        about: "What was ordered.".into(),
        query: query.into(),
        columns: vec![Column::new("customers", ColumnType::Integer, "A count.")],
    }
}

async fn bench() -> Bench {
    let bench = Bench::new().await;
    let column = |name: &str| Column::new(name, ColumnType::String, "A text.");
    bench
        .lake
        .register(
            "shop.order",
            "orders",
            vec![column("team"), column("customer")],
            vec![],
        )
        .await
        .unwrap();
    let order = |team: &str| format!("shop.order:team={team}");
    bench
        .send(&[order("red"), order("blue"), order("red")])
        .await;
    // Some rows lie in files and some in memory: the filter holds for both.
    bench.lake.flush().await.unwrap();
    bench
        .send(&[
            order("blue"),
            order("red"),
            "shop.order:customer=nobody".into(),
        ])
        .await;
    bench
}

async fn ask(bench: &Bench, team: &'static str, query: &str) -> Result<String, LakeError> {
    let mut statement = statement(query);
    statement.visible = Arc::new(OneTeam(team));
    let rows = bench.lake.query(statement).await?;
    Ok(rows_of(&rows.try_collect::<Vec<_>>().await?))
}

#[tokio::test]
async fn rows_of_other_teams_are_not_there() {
    let bench = bench().await;
    assert_eq!(bench.sql("select count(*) from orders").await, "6");
    for (query, red, blue) in [
        ("select count(*) from orders", "4", "3"),
        (
            "select count(*) from public.orders as o where o.team = 'red'",
            "3",
            "0",
        ),
        (
            "select count(*) from orders where team <> 'red' or true",
            "4",
            "3",
        ),
        (
            "with o as (select * from orders) select count(*) from o",
            "4",
            "3",
        ),
        ("select (select count(*) from orders)", "4", "3"),
        (
            "select count(*) from events where not exists (select 1 from orders where team = 'blue')",
            "0",
            "0",
        ),
        (
            "select count(*) from (select 1) where exists (select 1 from orders where team = 'blue')",
            "0",
            "1",
        ),
        (
            "select count(*) from (select 1) where 'blue' in (select team from orders)",
            "0",
            "1",
        ),
        (
            "select count(*) from orders a join orders b on a.team = b.team",
            "9",
            "4",
        ),
        (
            "select count(*) from (select customer from orders union all select customer from orders)",
            "8",
            "6",
        ),
        ("select count(customer) from orders", "1", "1"),
        (
            "select count(*) from (select \"offset\" from orders limit 5)",
            "4",
            "3",
        ),
    ] {
        assert_eq!(ask(&bench, "red", query).await.unwrap(), red, "{query}");
        assert_eq!(ask(&bench, "blue", query).await.unwrap(), blue, "{query}");
    }
    // The plan is kept between the two, and everybody's is not.
    assert_eq!(bench.sql("select count(*) from orders").await, "6");
}

#[tokio::test]
async fn a_hidden_table_is_refused_wherever_it_stands() {
    let bench = bench().await;
    for query in [
        "select * from telemetry",
        "select count(*) from orders where team in (select device_id from telemetry)",
        "with t as (select * from telemetry) select 1 from t",
        "select (select max(value) from telemetry)",
        "explain select * from telemetry",
    ] {
        match ask(&bench, "red", query).await {
            Err(LakeError::Hidden(reason)) => assert_eq!(reason, "telemetry is not for you"),
            other => panic!("{query}: {other:?}"),
        }
    }
    assert_eq!(
        ask(&bench, "red", "select count(*) from events")
            .await
            .unwrap(),
        "0"
    );
}

/// A table that another room holds.
#[derive(Debug)]
struct Names;

#[async_trait::async_trait]
impl Present for Names {
    fn schema(&self) -> Arc<TableSchema> {
        Arc::new(TableSchema {
            name: "present".into(),
            event_type: None,
            columns: vec![Column::new("name", ColumnType::String, "A text.")],
            cluster_by: Vec::new(),
        })
    }

    async fn rows(&self) -> Result<Vec<RecordBatch>, String> {
        let names: ArrayRef = Arc::new(StringViewArray::from(vec!["a", "b"]));
        let batch = RecordBatch::try_new(self.schema().arrow(), vec![names]);
        batch
            .map(|batch| vec![batch])
            .map_err(|error| error.to_string())
    }

    fn count(&self) -> u64 {
        2
    }
}

#[tokio::test]
async fn neither_the_past_nor_the_present_is_a_way_around() {
    let bench = bench().await;
    bench.lake.add_present(Arc::new(Names));
    assert_eq!(
        bench
            .sql("select count(*) from present where name > 'a'")
            .await,
        "1"
    );
    let lake = &bench.lake;
    let shown = lake.table("present").unwrap();
    assert!(shown.present && shown.rows == 2 && shown.files.is_empty());
    let names = lake.tables();
    assert!(names.iter().any(|table| table.schema.name == "present"));
    for taken in [
        lake.provide("present", vec![]).await,
        lake.register("shop.order", "present", vec![], vec![]).await,
        lake.retain("present", Some(1)).await.map(|()| shown.schema),
    ] {
        assert!(matches!(taken, Err(LakeError::Taken(_))), "{taken:?}");
    }
    let past = "select count(*) from twins_at('2026-11-26T08:00:00Z')";
    assert_eq!(bench.sql(past).await, "0");
    for (query, table) in [
        ("select * from present", "present"),
        (past, "twins"),
        (
            "select * from twins_diff(now() - interval '1 hour', now())",
            "twins",
        ),
        (
            "with t as (select * from twins_at(now())) select 1 from t",
            "twins",
        ),
    ] {
        match ask(&bench, "red", query).await {
            Err(LakeError::Hidden(reason)) => assert_eq!(reason, format!("{table} is not for you")),
            other => panic!("{query}: {other:?}"),
        }
    }
    for wrong in [
        "select * from twins_at()",
        "select * from twins_diff('now')",
    ] {
        assert!(ask(&bench, "red", wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_view_is_no_way_around_either() {
    let bench = bench().await;
    for (name, query) in [
        ("sold", "select count(*) as customers from orders"),
        ("sold_again", "select max(customers) as customers from sold"),
        (
            "measured",
            "select count(*) as customers from orders where team not in (select device_id from telemetry)",
        ),
        ("measured_again", "select customers from measured"),
    ] {
        bench.lake.add_view(view(name, query)).await.unwrap();
    }
    assert_eq!(bench.sql("select customers from sold").await, "6");
    for (query, red, blue) in [
        ("select customers from sold", "4", "3"),
        ("select s.customers from public.sold as s", "4", "3"),
        ("select customers from sold_again", "4", "3"),
        (
            "select count(*) from (select 1) where 4 in (select customers from sold)",
            "1",
            "0",
        ),
        (
            "with s as (select * from sold limit 1) select customers from s where customers > 0",
            "4",
            "3",
        ),
    ] {
        assert_eq!(ask(&bench, "red", query).await.unwrap(), red, "{query}");
        assert_eq!(ask(&bench, "blue", query).await.unwrap(), blue, "{query}");
    }
    for query in [
        "select * from measured",
        "select * from measured_again",
        "explain select * from measured_again",
        "select (select max(customers) from measured)",
    ] {
        match ask(&bench, "red", query).await {
            Err(LakeError::Hidden(reason)) => assert_eq!(reason, "telemetry is not for you"),
            other => panic!("{query}: {other:?}"),
        }
    }
}
