//! What becomes of answers.

use serde_json::json;
use trunkline_command::{Heard, NewCommand};

use crate::support::Node;

#[tokio::test]
async fn only_the_first_answer_counts() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    assert_eq!(
        node.answer(&command, r#"{"status":"error"}"#).await,
        Heard::Taken
    );
    assert_eq!(
        node.answer(&command, r#"{"status":"ok"}"#).await,
        Heard::Again
    );
    assert_eq!(node.status(&command).await, "failed");
    assert_eq!(node.all_events().await.len(), 2);
}

#[tokio::test]
async fn an_answer_must_be_of_the_device_and_of_the_command() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    let id = command.summary.id;
    for topic in [
        format!("cmd/t2/reboot/res/{id}"),
        format!("cmd/t1/blink/res/{id}"),
        "cmd/t1/reboot/res/cmd_01JDFXV3W8N6B1QK5T9C7M2R4A".into(),
        "cmd/t1/reboot/res/7".into(),
        format!("cmd/t1/reboot/req/{id}"),
    ] {
        let heard = node.answer_on(&topic, b"").await;
        assert_eq!(heard, Heard::Unknown, "{topic}");
    }
    assert_eq!(node.status(&command).await, "sent");
    assert_eq!(node.all_events().await.len(), 1);
}

#[tokio::test]
async fn bytes_come_back_in_base64() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    let topic = format!("cmd/t1/reboot/res/{}", command.summary.id);
    assert_eq!(node.answer_on(&topic, b"\xff\x00").await, Heard::Taken);
    let shown = node.shown(&command).await;
    assert_eq!(shown.summary.status.as_str(), "succeeded");
    assert_eq!(
        (shown.result.unwrap().get(), shown.binary),
        ("\"/wA=\"", true)
    );
    assert_eq!(node.events("answered").await[0]["binary"], true);
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_late_and_told_of_once() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    node.wait(30);
    // Nobody has looked at the time since.
    let payload = r#"{"status":"ok","result":1,"reason":"slow"}"#;
    assert_eq!(node.answer(&command, payload).await, Heard::Late);
    assert_eq!(node.answer(&command, payload).await, Heard::Again);
    let shown = node.shown(&command).await;
    assert_eq!(shown.summary.status.as_str(), "timed_out");
    assert!(shown.result.is_none() && shown.summary.reason.is_none());
    let id = command.summary.id;
    assert_eq!(
        node.events("timed-out").await,
        [json!({"command": id, "thing": "t1", "name": "reboot", "delivered": true})]
    );
    assert_eq!(
        node.events("late").await,
        [json!({
            "command": id, "thing": "t1", "name": "reboot", "over": "timed_out", "status": "succeeded", "result": 1,
            "binary": false, "reason": "slow", "by": "client:1",
        })]
    );
    node.tick().await;
    assert_eq!(node.all_events().await.len(), 3);
}

#[tokio::test]
async fn the_last_moment_is_before_the_deadline() {
    let node = Node::new().await;
    let first = node.send("t1").await;
    let left = first.summary.deadline.micros_since(first.summary.created);
    node.clock.advance_micros(left - 1);
    assert_eq!(node.answer(&first, "").await, Heard::Taken);
    let second = node.send("t1").await;
    node.clock.advance_micros(left);
    assert_eq!(node.answer(&second, "").await, Heard::Late);
}

#[tokio::test]
async fn what_a_device_does_though_it_was_called_off_is_told_of() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    node.commands
        .cancel(command.summary.id, "acc_1")
        .await
        .unwrap();
    assert_eq!(node.answer(&command, "").await, Heard::Late);
    assert_eq!(node.answer(&command, "").await, Heard::Again);
    assert_eq!(node.status(&command).await, "cancelled");
    let late = node.events("late").await;
    assert_eq!((late.len(), &late[0]["over"]), (1, &json!("cancelled")));
}

#[tokio::test]
async fn answers_are_taken_after_a_restart() {
    let mut node = Node::new().await;
    let (first, second) = (node.send("t1").await, node.send("t1").await);
    node.answer(&first, "1").await;
    node.restart().await;
    assert_eq!(node.answer(&first, "2").await, Heard::Again);
    assert_eq!(node.answer(&second, "2").await, Heard::Taken);
    assert_eq!(node.shown(&first).await.result.unwrap().get(), "1");
    assert_eq!(node.shown(&second).await.result.unwrap().get(), "2");
    // What the broker holds is not handed over again.
    assert_eq!(node.broker.take().len(), 2);
    node.wait(10);
    node.tick().await;
    assert!(node.broker.take().is_empty());
}

#[tokio::test]
async fn the_largest_answer_is_an_event() {
    let node = Node::new().await;
    let text = "1e15,".repeat(26_214);
    let payload = format!("[{}1]", &text[..131_065]);
    for payload in [payload.as_bytes(), &[0xff; 131_072]] {
        let wanted = NewCommand::new("dump");
        let command = node.try_send("t1", wanted).await.unwrap();
        let topic = format!("cmd/t1/dump/res/{}", command.summary.id);
        assert_eq!(node.answer_on(&topic, payload).await, Heard::Taken);
        assert!(node.shown(&command).await.result.is_some());
    }
    assert_eq!(node.events("answered").await.len(), 2);
}

#[tokio::test]
async fn no_answer_spoils_the_events_behind_it() {
    let node = Node::new().await;
    let deep = "[".repeat(200) + &"]".repeat(200);
    for payload in [&*deep, "1e999", r#"{"status":"ok","result":"\ud800"}"#] {
        let command = node.send("t1").await;
        assert_eq!(node.answer(&command, payload).await, Heard::Taken);
        assert!(node.shown(&command).await.binary, "{payload}");
    }
    // Each is read as any other.
    assert_eq!(node.events("answered").await.len(), 3);
}
