//! Sending, waiting, calling off.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use trunkline_command::{CommandError, CommandStatus, Heard, NewCommand};

use crate::support::{BEGIN, Node, answer_first, json};

#[tokio::test]
async fn a_command_goes_to_the_device_and_its_answer_comes_back() {
    let node = Node::new().await;
    let wanted = NewCommand {
        payload: json(r#"{"delay": 1.50}"#),
        deadline_seconds: 60,
        ..NewCommand::new("reboot")
    };
    let command = node.try_send("t1", wanted).await.unwrap();
    assert_eq!(command.summary.status, CommandStatus::Sent);
    let id = command.summary.id.to_string();
    assert!(id.starts_with("cmd_"));
    let [delivery] = &node.broker.take()[..] else {
        panic!("one message")
    };
    assert_eq!(delivery.topic, format!("cmd/t1/reboot/req/{id}"));
    assert_eq!(delivery.response_topic, format!("cmd/t1/reboot/res/{id}"));
    assert_eq!(delivery.payload, br#"{"delay": 1.50}"#);
    assert_eq!((&delivery.correlation, delivery.expires_seconds), (&id, 60));
    node.wait(2);
    let payload = r#"{"status":"succeeded","result":{"up":1.50}}"#;
    let topic = &delivery.response_topic;
    let heard = node.answer_on(topic, payload.as_bytes()).await;
    assert_eq!(heard, Heard::Taken);
    let shown = serde_json::to_value(node.shown(&command).await).unwrap();
    assert_eq!(
        shown,
        json!({
            "id": id, "thing": "t1", "name": "reboot", "status": "succeeded", "reason": null, "by": "acc_1",
            "created": "2026-05-28T20:26:40.001000Z", "deadline": "2026-05-28T20:27:40.001000Z",
            "delivered": "2026-05-28T20:26:40.001000Z", "ended": "2026-05-28T20:26:42.001000Z",
            "payload": {"delay": 1.50}, "result": {"up": 1.50}, "binary": false,
        }),
        "begins at {BEGIN}"
    );
}

#[tokio::test]
async fn what_happens_to_a_command_is_one_chain_of_events() {
    let node = Node::new().await;
    let wanted = NewCommand {
        payload: json("[1,2]"),
        ..NewCommand::new("blink")
    };
    let command = node.try_send("t1", wanted).await.unwrap();
    node.answer(
        &command,
        r#"{"status":"failed","reason":"dark","result":7}"#,
    )
    .await;
    let events = node.all_events().await;
    let id = command.summary.id.to_string();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["type"], "trunkline.fleet.command.sent.v1");
    assert_eq!(events[0]["subject"], "t1");
    assert_eq!(
        events[0]["data"],
        json!({
            "command": id, "thing": "t1", "name": "blink", "payload": [1, 2], "by": "acc_1",
            "deadline": command.summary.deadline,
        })
    );
    assert_eq!(events[1]["type"], "trunkline.fleet.command.answered.v1");
    assert_eq!(events[1]["causationid"], events[0]["id"]);
    assert_eq!(events[1]["correlationid"], events[0]["id"]);
    assert_eq!(
        events[1]["data"],
        json!({
            "command": id, "thing": "t1", "name": "blink", "status": "failed", "result": 7, "binary": false,
            "reason": "dark", "by": "client:1",
        })
    );
}

#[tokio::test]
async fn who_waits_hears_of_the_end() {
    let node = Node::new().await;
    let wanted = NewCommand {
        wait_seconds: 30,
        ..NewCommand::new("reboot")
    };
    let around = (Arc::clone(&node.broker), Arc::clone(&node.clock));
    let device = tokio::spawn(answer_first(Arc::clone(&node.commands), around, "17"));
    let command = node.try_send("t1", wanted).await.unwrap();
    assert_eq!(device.await.unwrap(), Heard::Taken);
    assert_eq!(command.summary.status, CommandStatus::Succeeded);
    assert_eq!(command.result.unwrap().get(), "17");
}

#[tokio::test]
async fn who_waits_in_vain_gets_the_command_as_it_is() {
    let node = Node::new().await;
    let wanted = NewCommand {
        wait_seconds: 1,
        ..NewCommand::new("reboot")
    };
    let command = node.try_send("t1", wanted.clone()).await.unwrap();
    assert_eq!(command.summary.status, CommandStatus::Sent);
    assert_eq!(command.summary.delivered, Some(command.summary.created));
    // Nor does anybody wait where the platform stops.
    let (commands, long) = (
        Arc::clone(&node.commands),
        NewCommand {
            wait_seconds: 30,
            ..wanted
        },
    );
    let waiting = tokio::spawn(async move { commands.send("t2", long, "acc_1").await });
    while node
        .broker
        .take()
        .iter()
        .all(|one| !one.topic.starts_with("cmd/t2/"))
    {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    node.commands.close();
    let command = waiting.await.unwrap().unwrap();
    assert_eq!(command.summary.status, CommandStatus::Sent);
}

#[tokio::test]
async fn a_command_is_called_off_once() {
    let node = Node::new().await;
    let command = node.send("t1").await;
    let off = node
        .commands
        .cancel(command.summary.id, "acc_2")
        .await
        .unwrap();
    assert_eq!(off.summary.status, CommandStatus::Cancelled);
    let again = node.commands.cancel(command.summary.id, "acc_2").await;
    assert_eq!(again.unwrap().summary.ended, off.summary.ended);
    let id = command.summary.id;
    assert_eq!(
        node.events("cancelled").await,
        [json!({"command": id, "thing": "t1", "name": "reboot", "by": "acc_2"})]
    );
    let done = node.send("t1").await;
    node.answer(&done, "").await;
    let refused = node.commands.cancel(done.summary.id, "acc_2").await;
    assert!(matches!(
        refused,
        Err(CommandError::Over(CommandStatus::Succeeded))
    ));
    assert_eq!(node.status(&done).await, "succeeded");
}

#[tokio::test]
async fn who_waits_hears_that_it_was_called_off() {
    let node = Node::new().await;
    let wanted = NewCommand {
        wait_seconds: 30,
        ..NewCommand::new("reboot")
    };
    let commands = Arc::clone(&node.commands);
    let waiting = tokio::spawn(async move { commands.send("t1", wanted, "acc_1").await });
    let id = loop {
        if let Some(delivery) = node.broker.take().pop() {
            break delivery.correlation.parse().unwrap();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    node.commands.cancel(id, "acc_2").await.unwrap();
    let command = waiting.await.unwrap().unwrap();
    assert_eq!(command.summary.status, CommandStatus::Cancelled);
}

#[tokio::test]
async fn nothing_is_sent_to_nobody_or_by_nobody() {
    let node = Node::new().await;
    let refused = node.try_send("nobody", NewCommand::new("reboot")).await;
    assert!(matches!(refused, Err(CommandError::ThingUnknown(name)) if name == "nobody"));
    let silent = Node::silent().await;
    let away = Node::new().await;
    away.broker.set_away(true);
    for node in [&silent, &away] {
        let refused = node.try_send("t1", NewCommand::new("reboot")).await;
        assert!(matches!(refused, Err(CommandError::NoBroker)));
    }
    for node in [&node, &silent, &away] {
        assert_eq!(node.all_events().await.len() + node.broker.take().len(), 0);
        assert!(node.statuses("t1").await.is_empty());
    }
}
