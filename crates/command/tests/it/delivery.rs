//! Commands that the broker does not take at once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use trunkline_command::{CommandStatus, NewCommand};

use crate::support::Node;

#[tokio::test]
async fn what_the_broker_does_not_take_is_handed_over_again() {
    let node = Node::new().await;
    node.broker.set_broken(true);
    let command = node.send("t1").await;
    assert_eq!(command.summary.delivered, None);
    node.broker.set_broken(false);
    node.wait(4);
    node.tick().await;
    assert!(node.broker.take().is_empty(), "it may still be under way");
    node.wait(1);
    node.tick().await;
    let again = node.broker.take();
    assert_eq!(again.len(), 1);
    // Only for what is left of its time.
    assert_eq!(again[0].expires_seconds, 25);
    assert!(node.shown(&command).await.summary.delivered.is_some());
    node.wait(1);
    node.tick().await;
    assert!(node.broker.take().is_empty());
}

#[tokio::test]
async fn what_a_crash_left_behind_is_handed_over_after_the_start() {
    let mut node = Node::new().await;
    node.broker.set_broken(true);
    let open = node.send("t1").await;
    let off = node.send("t1").await;
    node.commands.cancel(off.summary.id, "acc_1").await.unwrap();
    node.broker.set_broken(false);
    node.restart().await;
    node.wait(5);
    node.tick().await;
    let taken = node.broker.take();
    let ids: Vec<_> = taken.iter().map(|one| one.correlation.as_str()).collect();
    assert_eq!(ids, [open.summary.id.to_string()]);
}

#[tokio::test]
async fn what_the_broker_never_took_says_so() {
    let node = Node::new().await;
    node.broker.set_broken(true);
    let command = node.send("t1").await;
    node.wait(30);
    node.broker.set_broken(false);
    node.tick().await;
    assert!(node.broker.take().is_empty(), "its time has run out");
    let shown = node.shown(&command).await;
    assert_eq!(shown.summary.status, CommandStatus::TimedOut);
    assert_eq!(shown.summary.reason.unwrap(), "the broker never took it");
    assert_eq!(node.events("timed-out").await[0]["delivered"], json!(false));
}

#[tokio::test]
async fn a_request_that_is_broken_off_still_sends_the_command() {
    let node = Node::new().await;
    let wanted = NewCommand {
        wait_seconds: 30,
        ..NewCommand::new("reboot")
    };
    let commands = Arc::clone(&node.commands);
    let request = tokio::spawn(async move { commands.send("t1", wanted, "acc_1").await });
    while node.statuses("t1").await.is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    let delivered = async {
        while node.broker.take().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            // Where it was broken off before it was handed over.
            node.wait(1);
            node.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), delivered)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_over_by_its_turn_is_not_handed_over() {
    let node = Node::new().await;
    node.broker.set_broken(true);
    let first = node.send("t1").await;
    let off = node.send("t1").await;
    let short = NewCommand {
        deadline_seconds: 10,
        ..NewCommand::new("reboot")
    };
    node.try_send("t1", short).await.unwrap();
    node.wait(5);
    node.broker.set_broken(false);
    node.broker.hesitate();
    // All of them are open when the turn begins, and the broker has the first in its hand.
    let commands = Arc::clone(&node.commands);
    let turn = tokio::spawn(async move { commands.tick().await });
    let taken = loop {
        let taken = node.broker.take();
        if !taken.is_empty() {
            break taken;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    assert_eq!(taken[0].correlation, first.summary.id.to_string());
    node.commands.cancel(off.summary.id, "acc_1").await.unwrap();
    node.wait(6);
    node.broker.go_on();
    turn.await.unwrap().unwrap();
    node.tick().await;
    let after = node.broker.take();
    assert!(
        after
            .iter()
            .all(|one| one.correlation == first.summary.id.to_string()),
        "{after:?}"
    );
    assert_eq!(
        node.statuses("t1").await,
        ["timed_out", "cancelled", "sent"]
    );
}

#[tokio::test]
async fn what_the_broker_never_takes_is_called_off_and_holds_up_no_other() {
    let node = Node::new().await;
    node.broker.set_broken(true);
    let never = node
        .try_send("t1", NewCommand::new("too-large"))
        .await
        .unwrap();
    let other = node.send("t1").await;
    node.broker.set_broken(false);
    node.wait(5);
    node.tick().await;
    let shown = node.shown(&never).await.summary;
    assert_eq!(shown.status, CommandStatus::Cancelled);
    assert_eq!(
        shown.reason.unwrap(),
        "the broker does not take it: it is too large"
    );
    assert_eq!(node.events("cancelled").await[0]["by"], "platform");
    assert!(node.shown(&other).await.summary.delivered.is_some());
    // Whoever sends one hears it at once.
    let never = node.try_send("t1", NewCommand::new("too-large")).await;
    assert_eq!(never.unwrap().summary.status, CommandStatus::Cancelled);
}

#[tokio::test]
async fn nothing_is_handed_to_a_broker_that_does_not_serve() {
    let node = Node::new().await;
    node.broker.set_broken(true);
    node.send("t1").await;
    node.broker.set_broken(false);
    node.broker.set_away(true);
    node.wait(5);
    node.tick().await;
    assert!(node.broker.take().is_empty());
    node.broker.set_away(false);
    node.tick().await;
    assert_eq!(node.broker.take().len(), 1);
}
