//! No message goes round in circles.

use std::time::Duration;

use crate::broker::Mosquitto;
use crate::client::{Collector, send_numbers};
use crate::rig::{Rig, head, until};

#[tokio::test(flavor = "multi_thread")]
async fn maps_that_overlap_send_nothing_back_where_properties_are_kept() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "#").await;
    let here = Collector::start(local.port, "#").await;
    let maps = "[[out]]\nfilter = \"#\"\n\n[[in]]\nfilter = \"#\"\n";
    let rig = Rig::start(
        local.port,
        &[("all", format!("{}{maps}", head(remote.port, 5)))],
    );
    rig.connected().await;
    send_numbers(local.port, "dt/here", 0..20).await;
    send_numbers(remote.port, "dt/there", 20..40).await;
    until("all are on both sides", || {
        there.all().len() >= 40 && here.all().len() >= 40
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((there.all().len(), here.all().len()), (40, 40));
    until("all are counted", || {
        let status = rig.status();
        let forwarded = (status.out.forwarded, status.inward.forwarded);
        (forwarded, status.inward.returned) == ((20, 20), 20)
    })
    .await;
    let came = here.all();
    let brought = came.iter().find(|came| came.topic == "dt/there").unwrap();
    assert!(
        brought
            .user
            .contains(&("trunkline-bridge".into(), "all".into()))
    );
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_bridge_brought_in_another_does_not_send_back() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "#").await;
    let server = format!(
        "server = \"mqtt://127.0.0.1:{}\"\nversion = 3\n",
        remote.port
    );
    let files = [
        (
            "in",
            format!(
                "{server}client_id = \"a\"\n[[in]]\nfilter = \"x/#\"\nlocal_prefix = \"far/\"\n"
            ),
        ),
        (
            "out",
            format!(
                "{server}client_id = \"b\"\n[[out]]\nfilter = \"far/#\"\nremote_prefix = \"back/\"\n"
            ),
        ),
    ];
    let rig = Rig::start(local.port, &files);
    rig.connected().await;
    send_numbers(remote.port, "x/y", 0..10).await;
    until("they came and were known", || {
        rig.bridges.status()[1].out.returned == 10
    })
    .await;
    // What somebody here says on the same topics goes out.
    send_numbers(local.port, "far/own", 10..20).await;
    until("they went out", || there.all().len() >= 20).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let there = there.all();
    assert_eq!(there.len(), 20);
    assert!(there[10..].iter().all(|came| came.topic == "back/far/own"));
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bridges_in_both_directions_without_properties_go_round_once_and_no_more() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "#").await;
    let here = Collector::start(local.port, "#").await;
    let file = |client: &str, direction: &str| {
        format!(
            "server = \"mqtt://127.0.0.1:{}\"\nversion = 3\nclient_id = \"{client}\"\n[[{direction}]]\nfilter = \"x/#\"\n",
            remote.port
        )
    };
    let rig = Rig::start(
        local.port,
        &[("in", file("a", "in")), ("out", file("b", "out"))],
    );
    rig.connected().await;
    send_numbers(local.port, "x/here", 0..10).await;
    send_numbers(remote.port, "x/there", 10..20).await;
    // The remote cannot say that the first ten came from here, so they come back; our broker can, and there it ends.
    until("all came and were known", || {
        let all = rig.bridges.status();
        (
            all[0].inward.forwarded,
            all[1].out.forwarded,
            all[1].out.returned,
        ) == (20, 10, 20)
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((there.all().len(), here.all().len()), (20, 30));
    rig.end().await;
}
