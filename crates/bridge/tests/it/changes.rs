//! Files that come, change and go while bridges run.

use std::time::Duration;

use crate::broker::Mosquitto;
use crate::client::{Collector, has_session, send_numbers};
use crate::rig::{Rig, head, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_holds_at_once_and_what_it_no_more_names_is_unsubscribed() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "#").await;
    let text = |filters: &[&str]| {
        let maps: String = filters
            .iter()
            .map(|filter| format!("[[out]]\nfilter = \"{filter}\"\n"))
            .collect();
        format!("{}{maps}", head(remote.port, 5))
    };
    let rig = Rig::start(local.port, &[("out", text(&["a/#", "b/#"]))]);
    rig.connected().await;
    send_numbers(local.port, "a/x", 0..10).await;
    // What is not acknowledged here would come again, and under the new file be unwanted.
    until("they arrived and are acknowledged", || {
        let out = rig.status().out;
        there.all().len() == 10 && (out.forwarded, out.waiting) == (10, 0)
    })
    .await;
    assert_eq!(rig.put(&[("out", text(&["b/#", "c/#"]))]), []);
    rig.connected().await;
    send_numbers(local.port, "a/x", 10..20).await;
    send_numbers(local.port, "c/x", 20..30).await;
    until("they arrived", || there.all().len() == 20).await;
    assert!(there.all()[10..].iter().all(|came| came.topic == "c/x"));
    until("all are counted", || {
        let out = rig.status().out;
        (out.forwarded, out.waiting) == (10, 0)
    })
    .await;
    let status = rig.status();
    assert_eq!((status.out.received, status.out.unwanted), (10, 0));
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_former_file_asked_for_is_acknowledged_and_dropped() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "#").await;
    let text = |filter: &str| {
        let head = head(remote.port, 5);
        format!("{head}[[out]]\nfilter = \"{filter}\"\n")
    };
    let rig = Rig::start(local.port, &[("out", text("a/#"))]);
    rig.connected().await;
    rig.end().await;
    // They wait in the session, and nobody knows any more that the former file asked for them.
    send_numbers(local.port, "a/x", 0..10).await;
    for (start, numbers) in [(10, 10..20), (0, 20..30)] {
        let rig = Rig::start(local.port, &[("out", text("c/#"))]);
        rig.connected().await;
        send_numbers(local.port, "c/x", numbers).await;
        until("all are counted", || {
            let out = rig.status().out;
            (out.forwarded, out.waiting) == (10, 0)
        })
        .await;
        // The second bridge does not get them again.
        assert_eq!(rig.status().out.unwanted, start);
        rig.end().await;
    }
    until("they arrived", || there.all().len() == 20).await;
    assert!(there.all().iter().all(|came| came.topic == "c/x"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_wrong_leaves_the_bridge_as_it_was() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let there = Collector::start(remote.port, "#").await;
    let good = format!("{}[[out]]\nfilter = \"a/#\"\n", head(remote.port, 5));
    let rig = Rig::start(local.port, &[("out", good.clone())]);
    rig.connected().await;
    let bad = good.replace("a/#", "a#");
    let problems = rig.put(&[("out", bad.clone()), ("other", bad)]);
    assert_eq!(problems.len(), 2);
    let all = rig.bridges.status();
    assert_eq!(all.len(), 2);
    assert_eq!(
        (all[0].name.as_str(), all[0].server.as_deref()),
        ("other", None)
    );
    assert!(all[1].local.connected && all[1].problems.len() == 1);
    send_numbers(local.port, "a/x", 0..10).await;
    until("they arrived", || there.all().len() == 10).await;
    // The same file again is no change, and its problems are gone.
    assert_eq!(rig.put(&[("out", good)]), []);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let status = rig.status();
    assert_eq!((status.remote.connections, status.problems.len()), (1, 0));
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_ends_keeps_its_sessions_and_one_whose_file_is_gone_does_not() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let text = format!(
        "{}[[out]]\nfilter = \"a/#\"\n\n[[in]]\nfilter = \"b/#\"\n",
        head(remote.port, 3)
    );
    let rig = Rig::start(local.port, &[("both", text.clone())]);
    rig.connected().await;
    rig.end().await;
    assert!(has_session(local.port, "bridge:both").await);
    assert!(has_session(remote.port, "site-7").await);
    let rig = Rig::start(local.port, &[("both", text.clone())]);
    rig.connected().await;
    assert_eq!(rig.put(&[]), []);
    assert_eq!(rig.bridges.status(), []);
    // Away and back again at once is a bridge as good as before.
    assert_eq!(rig.put(&[("both", text)]), []);
    rig.connected().await;
    assert_eq!(rig.put(&[]), []);
    let gone = || {
        let lines = rig.told.lines.lock().unwrap();
        lines
            .iter()
            .filter(|line| line.contains("the bridge ends"))
            .count()
            >= 4
    };
    until("both connections ended twice", gone).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    rig.end().await;
    assert!(!has_session(local.port, "bridge:both").await);
    assert!(!has_session(remote.port, "site-7").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bridges_are_not_one_client_of_a_remote() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let text = format!("{}[[out]]\nfilter = \"a/#\"\n", head(remote.port, 5));
    let rig = Rig::start(local.port, &[("one", text.clone())]);
    let problems = rig.put(&[("one", text.clone()), ("two", text)]);
    assert_eq!(problems.len(), 1);
    let told = problems[0].to_string();
    assert!(
        told.starts_with("bridge/two.toml: `client_id`: the bridge `one` has this id"),
        "{told}"
    );
    until("the first is connected", || {
        rig.bridges.status()[0].remote.connected
    })
    .await;
    rig.end().await;
}
