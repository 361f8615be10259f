//! Answers that are in the log and not yet in the table.

use trunkline_command::{CommandError, Heard};
use trunkline_model::Clock as _;

use crate::support::Node;

#[tokio::test]
async fn an_answer_that_came_before_a_crash_counts() {
    let mut node = Node::new().await;
    let command = node.send("t1").await;
    let topic = format!("cmd/t1/reboot/res/{}", command.summary.id);
    node.wait(29);
    let came = node.clock.now();
    // The log took it, and that was all. The platform comes back after the deadline.
    node.wait(10);
    node.restart_without_log().await;
    node.tick().await;
    assert_eq!(node.status(&command).await, "sent");
    for expected in [Heard::Taken, Heard::Again] {
        let heard = node.commands.look_at(&topic, b"7", "client:1", came).await;
        assert_eq!(heard.unwrap(), expected);
    }
    node.commands.caught_up();
    node.tick().await;
    let shown = node.shown(&command).await;
    assert_eq!(shown.summary.status.as_str(), "succeeded");
    assert_eq!(shown.summary.ended, Some(came));
    assert_eq!(node.events("answered").await.len(), 1);
    assert_eq!(node.all_events().await.len(), 2);
}

#[tokio::test]
async fn an_answer_that_came_too_late_is_late_in_the_log_too() {
    let mut node = Node::new().await;
    let command = node.send("t1").await;
    let topic = format!("cmd/t1/reboot/res/{}", command.summary.id);
    node.wait(30);
    let came = node.clock.now();
    node.restart_without_log().await;
    for expected in [Heard::Late, Heard::Again] {
        let heard = node.commands.look_at(&topic, b"7", "client:1", came).await;
        assert_eq!(heard.unwrap(), expected);
    }
    assert_eq!(node.status(&command).await, "timed_out");
}

#[tokio::test]
async fn nobody_waits_for_the_log_for_ever() {
    let mut node = Node::new().await;
    let command = node.send("t1").await;
    node.wait(31);
    node.restart_without_log().await;
    node.wait(59);
    node.tick().await;
    assert_eq!(node.status(&command).await, "sent");
    node.wait(1);
    node.tick().await;
    assert_eq!(node.status(&command).await, "timed_out");
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_down_is_tried_again() {
    let node = Node::new().await;
    let (first, second) = (node.send("t1").await, node.send("t2").await);
    node.refuse_writing(true).await;
    assert_eq!(node.answer(&first, "1").await, Heard::Waits);
    // Those that come after it wait behind it: the first counts.
    assert_eq!(node.answer(&second, "2").await, Heard::Waits);
    assert_eq!(node.answer(&first, "3").await, Heard::Waits);
    node.wait(31);
    node.tick().await;
    assert_eq!(node.status(&first).await, "sent");
    node.refuse_writing(false).await;
    node.tick().await;
    for (command, result) in [(first, "1"), (second, "2")] {
        let shown = node.shown(&command).await;
        assert_eq!(shown.summary.status.as_str(), "succeeded");
        assert_eq!(shown.result.unwrap().get(), result);
    }
    assert_eq!(node.events("answered").await.len(), 2);
    assert_eq!(node.all_events().await.len(), 4);
}

#[tokio::test]
async fn an_answer_is_not_tried_for_ever() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    node.refuse_writing(true).await;
    assert_eq!(node.answer(&command, "1").await, Heard::Waits);
    for _ in 0..60 {
        node.commands.look_again().await;
    }
    node.refuse_writing(false).await;
    node.tick().await;
    assert_eq!(node.status(&command).await, "sent");
    // Others are looked at again as they come.
    assert_eq!(node.answer(&command, "2").await, Heard::Taken);
}

#[tokio::test]
async fn so_many_answers_may_wait() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    let topic = format!("cmd/t1/reboot/res/{}", command.summary.id);
    node.refuse_writing(true).await;
    let large = vec![b'1'; 1 << 20];
    for _ in 0..15 {
        assert_eq!(node.answer_on(&topic, &large).await, Heard::Waits);
    }
    let came = node.clock.now();
    let heard = node.commands.look_at(&topic, &large, "client:1", came);
    let refused = heard.await.unwrap_err();
    assert!(matches!(refused, CommandError::Unheard(15)), "{refused}");
}
