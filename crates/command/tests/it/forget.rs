//! Devices that are gone.

use serde_json::json;
use trunkline_command::{CommandError, Heard};
use trunkline_model::Clock as _;

use crate::support::Node;

#[tokio::test]
async fn a_thing_that_is_gone_takes_its_commands_along() {
    let node = Node::new().await;
    let open = node.send("t1").await;
    let done = node.send("t1").await;
    node.answer(&done, "").await;
    let other = node.send("t2").await;
    node.things.remove("t1");
    let removed = node.clock.now();
    node.commands.forget("t1", "acc_2", removed).await.unwrap();
    let cancelled = node.events("cancelled").await;
    assert_eq!(cancelled.len(), 1);
    assert_eq!(cancelled[0]["command"], json!(open.summary.id));
    for command in [open, done] {
        let gone = node.commands.command(&command.summary.id.to_string()).await;
        assert!(matches!(gone, Err(CommandError::Unknown(_))));
        assert_eq!(node.answer(&command, "").await, Heard::Unknown);
    }
    assert_eq!(node.status(&other).await, "sent");
}

#[tokio::test]
async fn a_thing_that_is_made_anew_keeps_its_own_commands() {
    let node = Node::new().await;
    let old = node.send("t1").await;
    node.things.remove("t1");
    let removed = node.clock.now();
    node.things.add("t1");
    let (open, done) = (node.send("t1").await, node.send("t1").await);
    node.answer(&done, "").await;
    // The event of the removal comes later than the thing is back, and may come twice.
    for _ in 0..2 {
        node.commands.forget("t1", "acc_2", removed).await.unwrap();
        let gone = node.commands.command(&old.summary.id.to_string()).await;
        assert!(matches!(gone, Err(CommandError::Unknown(_))));
        assert_eq!(node.statuses("t1").await, ["succeeded", "sent"]);
        assert_eq!(node.events("cancelled").await.len(), 1);
    }
    assert_eq!(node.answer(&open, "").await, Heard::Taken);
}
