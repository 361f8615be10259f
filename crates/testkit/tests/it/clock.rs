use serde_json::{Value, json};
use trunkline_testkit::Node;

async fn send(node: &Node, id: &str) -> Value {
    let event =
        json!({ "specversion": "1.0", "id": id, "source": "/clock", "type": "tick" }).to_string();
    let path = "/v1/events";
    let (status, answer) = node
        .request(
            "POST".parse().unwrap(),
            path,
            "application/cloudevents+json",
            event,
        )
        .await
        .unwrap();
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Runs `query` until it gives `wanted`: rows are seen soon after they are acknowledged, not at once.
async fn until(node: &Node, query: &str, wanted: &Value) {
    for _ in 0..3_000 {
        if node.sql(query).await.unwrap() == std::slice::from_ref(wanted) {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{query} gives {:?}", node.sql(query).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_an_hour_loses_and_reorders_nothing() {
    let node = Node::start().await.unwrap();
    let hour = 3_600_000_000;
    send(&node, "1").await;
    node.clock.advance_micros(-hour);
    send(&node, "2").await;
    node.clock.advance_micros(2 * hour);
    send(&node, "3").await;
    let again = send(&node, "2").await;
    assert_eq!(again["duplicates"], 1);
    until(
        &node,
        "select count(*) from events where source = '/clock'",
        &json!([3]),
    )
    .await;
    let rows = node
        .sql("select id, received >= lag(received) over (order by \"offset\") from events where source = '/clock' order by \"offset\"")
        .await
        .unwrap();
    assert_eq!(
        rows,
        [json!(["1", null]), json!(["2", true]), json!(["3", true])]
    );
    node.stop().await;
}
