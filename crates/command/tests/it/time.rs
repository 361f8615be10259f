//! What time does to commands.

use std::sync::Arc;
use std::time::Duration;

use trunkline_command::{CommandStatus, Heard, NewCommand};

use crate::support::Node;

#[tokio::test]
async fn a_deadline_ends_a_command() {
    let node = Node::new().await;
    let short = NewCommand {
        deadline_seconds: 1,
        ..NewCommand::new("reboot")
    };
    let first = node.try_send("t1", short).await.unwrap();
    let second = node.send("t1").await;
    node.tick().await;
    assert_eq!(node.statuses("t1").await, ["sent", "sent"]);
    node.wait(1);
    node.tick().await;
    assert_eq!(node.statuses("t1").await, ["sent", "timed_out"]);
    assert_eq!(node.status(&first).await, "timed_out");
    node.wait(29);
    node.tick().await;
    node.tick().await;
    assert_eq!(node.statuses("t1").await, ["timed_out", "timed_out"]);
    assert_eq!(node.answer(&second, "").await, Heard::Late);
    assert_eq!(node.events("timed-out").await.len(), 2);
}

#[tokio::test]
async fn who_waits_hears_that_time_ran_out() {
    let node = Node::new().await;
    let wanted = NewCommand {
        deadline_seconds: 1,
        wait_seconds: 30,
        ..NewCommand::new("reboot")
    };
    let commands = Arc::clone(&node.commands);
    let waiting = tokio::spawn(async move { commands.send("t1", wanted, "acc_1").await });
    while node.broker.take().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    node.wait(1);
    node.tick().await;
    let command = waiting.await.unwrap().unwrap();
    assert_eq!(command.summary.status, CommandStatus::TimedOut);
}

#[tokio::test]
async fn deadlines_hold_over_a_restart() {
    let mut node = Node::new().await;
    let command = node.send("t1").await;
    node.restart().await;
    assert_eq!(node.status(&command).await, "sent");
    node.wait(30);
    node.restart().await;
    node.tick().await;
    assert_eq!(node.status(&command).await, "timed_out");
    assert_eq!(node.events("timed-out").await.len(), 1);
}

#[tokio::test]
async fn very_many_time_out_in_one_tick() {
    let node = Node::new().await;
    node.write_many("t1", 1_500, "sent").await;
    node.wait(31);
    node.tick().await;
    assert_eq!(node.events("timed-out").await.len(), 1_500);
    assert!(node.open().await.is_empty());
}

#[tokio::test]
async fn what_was_over_for_long_is_swept() {
    let node = Node::new().await;
    let (done, open) = (
        node.send("t1").await,
        NewCommand {
            deadline_seconds: 86_400,
            ..NewCommand::new("calibrate")
        },
    );
    node.answer(&done, "").await;
    node.wait(30 * 86_400 - 1);
    let open = node.try_send("t1", open).await.unwrap();
    node.tick().await;
    assert_eq!(node.statuses("t1").await, ["sent", "succeeded"]);
    node.wait(1);
    node.tick().await;
    assert_eq!(node.statuses("t1").await, ["sent"]);
    assert_eq!(node.answer(&done, "").await, Heard::Unknown);
    assert_eq!(node.answer(&open, "").await, Heard::Taken);
}

#[tokio::test]
async fn very_many_are_swept() {
    let node = Node::new().await;
    node.write_many("t1", 1_500, "failed").await;
    node.wait(31 * 86_400);
    node.tick().await;
    assert!(node.statuses("t1").await.is_empty());
}

#[tokio::test]
async fn time_runs_where_no_broker_serves() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    node.broker.set_away(true);
    node.wait(30);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let kept = tokio::spawn(Arc::clone(&node.commands).maintain(async { drop(stopped.await) }));
    while node.status(&command).await != "timed_out" {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(stop);
    kept.await.unwrap();
}
