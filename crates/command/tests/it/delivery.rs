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
