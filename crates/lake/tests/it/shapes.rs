use trunkline_lake::{Column, ColumnType, LakeError};

use crate::support::Bench;

fn text(name: &str) -> Column {
    Column::new(name, ColumnType::String, "A text.")
}

#[tokio::test]
async fn a_registered_type_gets_a_table_and_later_columns() {
    let bench = Bench::new().await;
    let early = "shop.order:customer=early".to_owned();
    bench.send(std::slice::from_ref(&early)).await;
    bench
        .lake
        .register("shop.order", "orders", vec![text("customer")], vec![])
        .await
        .unwrap();
    bench
        .send(&[
            "shop.order:customer=ada".into(),
            "shop.order:city=paris".into(),
        ])
        .await;
    assert_eq!(bench.sql("select count(*) from events").await, "1");
    assert_eq!(
        bench
            .sql("select customer, extra->>'city' from orders order by \"offset\"")
            .await,
        "ada, ,paris"
    );
    bench.lake.flush().await.unwrap();
    bench.send(&["shop.order:customer=bob".into()]).await;
    bench
        .lake
        .register(
            "shop.order",
            "orders",
            vec![text("customer"), text("city")],
            vec![],
        )
        .await
        .unwrap();
    bench.send(&["shop.order:city=rome".into()]).await;
    assert_eq!(
        bench
            .sql("select customer, city from orders order by \"offset\"")
            .await,
        "ada, , bob, ,rome"
    );
    bench.lake.flush().await.unwrap();
    assert_eq!(
        bench.sql("select count(*), count(city) from orders").await,
        "4,1"
    );
}

#[tokio::test]
async fn a_restart_puts_each_event_where_it_was() {
    let bench = Bench::new().await;
    bench.send(&["shop.order:customer=early".into()]).await;
    bench
        .lake
        .register("shop.order", "orders", vec![text("customer")], vec![])
        .await
        .unwrap();
    let next = bench.send(&["shop.order:customer=late".into()]).await;
    let bench = bench.crash_and_reopen(2).await;
    bench.lake.wait_visible(next).await;
    assert_eq!(bench.sql("select count(*) from events").await, "1");
    assert_eq!(bench.sql("select customer from orders").await, "late");
}

#[tokio::test]
async fn what_is_not_well_formed_is_refused() {
    let bench = Bench::new().await;
    let lake = &bench.lake;
    for name in ["", "9x", "Upper", "a-b", "offset", "extra", &"x".repeat(64)] {
        let refused = lake.register("t", "orders", vec![text(name)], vec![]).await;
        assert!(
            matches!(refused, Err(LakeError::InvalidColumn(_))),
            "{name}"
        );
    }
    let many = (0..201).map(|n| text(&format!("c{n}"))).collect();
    assert!(matches!(
        lake.register("t", "orders", many, vec![]).await,
        Err(LakeError::InvalidColumn(_))
    ));
    assert!(matches!(
        lake.register("t", "telemetry", vec![], vec![]).await,
        Err(LakeError::Taken(_))
    ));
    lake.register("t", "orders", vec![text("a")], vec![])
        .await
        .unwrap();
    assert!(matches!(
        lake.register("t", "other", vec![], vec![]).await,
        Err(LakeError::Taken(_))
    ));
    let number = Column::new("a", ColumnType::Integer, "");
    assert!(matches!(
        lake.register("t", "orders", vec![number], vec![]).await,
        Err(LakeError::Taken(_))
    ));
    assert!(matches!(
        lake.table("nothing"),
        Err(LakeError::UnknownTable(_))
    ));
}
