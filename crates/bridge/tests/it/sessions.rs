//! Sessions at brokers: what is in them, whose they are, and when they are forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::broker::Mosquitto;
use crate::client::{Collector, has_session, send_numbers};
use crate::fake::{Act, Fake, Heard};
use crate::rig::{Rig, head, until};

/// A file for this server, as this client, that takes these filters in.
fn inward(server: &str, client: &str, filters: &[&str]) -> String {
    let maps: String = filters
        .iter()
        .map(|filter| format!("[[in]]\nfilter = \"{filter}\"\nlocal_prefix = \"far/\"\n"))
        .collect();
    format!("server = \"mqtt://{server}\"\nclient_id = \"{client}\"\n{maps}")
}

fn subscribe(filters: &[&str]) -> Heard {
    Heard::Subscribe(filters.iter().map(ToString::to_string).collect())
}

fn unsubscribe(filter: &str) -> Heard {
    Heard::Unsubscribe(vec![filter.to_owned()])
}

#[tokio::test(flavor = "multi_thread")]
async fn new_filters_are_granted_before_old_ones_are_given_up_and_only_then_the_file_holds() {
    let local = Mosquitto::start();
    let remote = Fake::start(|number, heard| match heard {
        Heard::Connect => Act::Welcome(number > 0, Vec::new()),
        Heard::Subscribe(_) if number == 1 => Act::Silence,
        Heard::Unsubscribe(_) if number == 2 => Act::Silence,
        _ => Act::Answer,
    })
    .await;
    let server = format!("127.0.0.1:{}", remote.port);
    let (before, after) = (["a/#"], ["a/+", "c/#"]);
    let rig = Rig::start(local.port, &[("in", inward(&server, "x", &before))]);
    rig.connected().await;
    assert_eq!(remote.on(0), [Heard::Connect, subscribe(&before)]);

    assert_eq!(rig.put(&[("in", inward(&server, "x", &after))]), []);
    until("it subscribes", || remote.on(1).len() == 2).await;
    // The status is that of the new file, although no broker has answered yet.
    let status = rig.status().remote;
    assert!(!status.connected && !status.subscribed);
    assert_eq!(remote.on(1), [Heard::Connect, subscribe(&after)]);

    remote.cut();
    until("it unsubscribes", || remote.on(2).len() == 3).await;
    until("it is connected", || rig.status().remote.connected).await;
    assert!(!rig.status().remote.subscribed);
    let all = [Heard::Connect, subscribe(&after), unsubscribe("a/#")];
    assert_eq!(remote.on(2), all);

    // What was not answered is asked for again, and what was is not.
    remote.cut();
    rig.connected().await;
    assert_eq!(remote.on(3), [Heard::Connect, unsubscribe("a/#")]);
    remote.cut();
    until("it is lost", || !rig.status().remote.subscribed).await;
    rig.connected().await;
    assert_eq!(remote.on(4), [Heard::Connect]);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_lost_and_not_filled_again_is_subscribed_to_once_more() {
    let local = Mosquitto::start();
    let remote = Fake::start(|number, heard| match heard {
        // The second connection finds no session and makes one, and ends before it is filled. The third finds that.
        Heard::Connect => Act::Welcome(number > 1, Vec::new()),
        Heard::Subscribe(_) if number == 1 => Act::Close,
        _ => Act::Answer,
    })
    .await;
    let server = format!("127.0.0.1:{}", remote.port);
    let rig = Rig::start(local.port, &[("in", inward(&server, "x", &["a/#"]))]);
    rig.connected().await;
    remote.cut();
    until("it is lost", || !rig.status().remote.subscribed).await;
    rig.connected().await;
    for number in 0..3 {
        assert_eq!(remote.on(number), [Heard::Connect, subscribe(&["a/#"])]);
    }
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_file_keeps_the_session_at_the_remote_and_none_is_left_here() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let here = Collector::start(local.port, "far/#").await;
    let server = format!("127.0.0.1:{}", remote.port);
    let rig = Rig::start(
        local.port,
        &[("one", inward(&server, "site-7", &["a/#", "b/#"]))],
    );
    rig.connected().await;
    send_numbers(remote.port, "b/x", 0..10).await;
    assert_eq!(
        rig.put(&[("two", inward(&server, "site-7", &["b/#", "c/#"]))]),
        []
    );
    // Sent while nobody may be connected there: the session keeps them.
    send_numbers(remote.port, "b/x", 10..20).await;
    until("the old session here is forgotten", || {
        local.forgot("bridge:one")
    })
    .await;
    rig.connected().await;
    send_numbers(remote.port, "a/x", 20..30).await;
    send_numbers(remote.port, "c/x", 30..40).await;
    until("all arrived", || here.first_numbers().len() == 30).await;
    let came = here.first_numbers();
    assert!(came.iter().all(|number| !(20..30).contains(number)));
    // What the old name had asked for is not asked for any more.
    assert_eq!(rig.status().inward.unwanted, 0);
    rig.end().await;
    assert!(!remote.forgot("site-7"));
    assert!(!has_session(local.port, "bridge:one").await);
    assert!(has_session(remote.port, "site-7").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_of_a_former_id_or_server_is_forgotten() {
    let (local, first, second) = (Mosquitto::start(), Mosquitto::start(), Mosquitto::start());
    let here = Collector::start(local.port, "far/#").await;
    let server = format!("127.0.0.1:{}", first.port);
    let rig = Rig::start(local.port, &[("in", inward(&server, "site-7", &["a/#"]))]);
    rig.connected().await;
    assert_eq!(rig.put(&[("in", inward(&server, "site-8", &["a/#"]))]), []);
    rig.connected().await;
    assert!(first.forgot("site-7"));
    // Another name of the host stands for another host.
    let moved = format!("localhost:{}", second.port);
    assert_eq!(rig.put(&[("in", inward(&moved, "site-8", &["a/#"]))]), []);
    rig.connected().await;
    assert!(first.forgot("site-8"));
    send_numbers(second.port, "a/x", 0..10).await;
    until("they arrived", || here.first_numbers().len() == 10).await;
    rig.end().await;
    assert!(!second.forgot("site-8"));
    for client in ["site-7", "site-8"] {
        assert!(!has_session(first.port, client).await, "{client}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_may_be_somebodys_is_not_forgotten() {
    let (local, remote, other) = (Mosquitto::start(), Mosquitto::start(), Mosquitto::start());
    let server = format!("127.0.0.1:{}", remote.port);
    let one = |client| ("one", inward(&server, client, &["a/#"]));
    let two = |client| ("two", inward(&server, client, &["b/#"]));
    let rig = Rig::start(local.port, &[one("x"), two("y")]);
    rig.connected().await;
    // Two bridges change their ids.
    assert_eq!(rig.put(&[one("y"), two("x")]), []);
    rig.connected().await;
    // Another port of the same host may be the same broker.
    let server = format!("127.0.0.1:{}", other.port);
    let moved = ("two", inward(&server, "x", &["b/#"]));
    assert_eq!(rig.put(&[one("y"), moved]), []);
    rig.connected().await;
    rig.end().await;
    for client in ["x", "y"] {
        assert!(!remote.forgot(client), "{client}");
        assert!(has_session(remote.port, client).await, "{client}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bridge_takes_the_id_of_one_that_runs() {
    let (local, remote) = (Mosquitto::start(), Mosquitto::start());
    let here = Collector::start(local.port, "far/#").await;
    let server = format!("127.0.0.1:{}", remote.port);
    let one = |client| ("one", inward(&server, client, &["a/#"]));
    let two = ("two", inward(&server, "y", &["b/#"]));
    let rig = Rig::start(local.port, &[one("x"), two.clone()]);
    rig.connected().await;
    let problems = rig.put(&[one("y"), two]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].file, "bridge/one.toml");
    // Both go on as they were.
    let all = rig.bridges.status();
    assert!(all.iter().all(|status| status.remote.connections == 1));
    assert_eq!((all[0].problems.len(), all[1].problems.len()), (1, 0));
    send_numbers(remote.port, "a/x", 0..10).await;
    send_numbers(remote.port, "b/x", 10..20).await;
    until("they arrived", || here.first_numbers().len() == 20).await;
    rig.end().await;
    assert!(!remote.forgot("x") && !remote.forgot("y"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_tried_out_as_often_as_the_remote_says() {
    const SERVER_KEEP_ALIVE: u8 = 0x13;
    let local = Mosquitto::start();
    let seconds = Arc::new(AtomicUsize::new(1));
    let said = Arc::clone(&seconds);
    let remote = Fake::start(move |_, heard| match heard {
        Heard::Connect => {
            let seconds = u8::try_from(said.load(Ordering::Relaxed)).unwrap();
            Act::Welcome(false, vec![SERVER_KEEP_ALIVE, 0, seconds])
        }
        _ => Act::Answer,
    })
    .await;
    let text = format!(
        "{}keep_alive_seconds = 1200\n[[out]]\nfilter = \"dt/#\"\n",
        head(remote.port, 5)
    );
    let rig = Rig::start(local.port, &[("out", text.clone())]);
    rig.connected().await;
    // The file says every twenty minutes.
    until("it is tried out", || remote.count(&Heard::Ping) > 0).await;
    assert_eq!(rig.status().remote.connections, 1);
    rig.end().await;

    // A remote that wants no such thing is not asked without end.
    seconds.store(0, Ordering::Relaxed);
    let before = remote.count(&Heard::Ping);
    let rig = Rig::start(local.port, &[("out", text)]);
    rig.connected().await;
    send_numbers(local.port, "dt/x", 0..200).await;
    until("all are taken", || rig.status().out.forwarded == 200).await;
    assert!(remote.count(&Heard::Ping) <= before + 1);
    assert_eq!(rig.status().remote.connections, 1);
    rig.end().await;
}
