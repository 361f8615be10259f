//! How many commands there may be, and how they are listed.

use trunkline_command::{CommandError, CommandStatus, NewCommand};

use crate::support::Node;

fn is_full(refused: &Result<trunkline_command::Command, CommandError>) -> bool {
    matches!(refused, Err(CommandError::Full(_)))
}

#[tokio::test]
async fn so_many_commands_of_a_thing_may_be_open() {
    let node = Node::new().await;
    let first = node.send("t1").await;
    for _ in 1..32 {
        node.send("t1").await;
    }
    assert!(is_full(
        &node.try_send("t1", NewCommand::new("reboot")).await
    ));
    assert_eq!(node.events("sent").await.len(), 32);
    node.send("t2").await;
    node.answer(&first, "").await;
    node.send("t1").await;
    assert!(is_full(
        &node.try_send("t1", NewCommand::new("reboot")).await
    ));
}

#[tokio::test]
async fn so_many_commands_may_be_open_in_all() {
    let node = Node::new().await;
    node.write_many("t9", 9_999, "sent").await;
    let last = node.send("t1").await;
    assert!(is_full(
        &node.try_send("t2", NewCommand::new("reboot")).await
    ));
    node.commands
        .cancel(last.summary.id, "acc_1")
        .await
        .unwrap();
    node.send("t2").await;
}

#[tokio::test]
async fn the_latest_thousand_of_a_thing_are_kept() {
    let node = Node::new().await;
    node.write_many("t1", 1_003, "succeeded").await;
    node.write_many("t2", 1_000, "succeeded").await;
    let oldest = node.oldest("t1").await;
    node.send("t1").await;
    node.send("t2").await;
    let (one, two) = (node.count("t1").await, node.count("t2").await);
    assert_eq!((one, two), (1_001, 1_001));
    assert!(node.oldest("t1").await > oldest);
    // Those that wait for an answer are not among them.
    assert_eq!(node.statuses("t1").await[0], "sent");
}

#[tokio::test]
async fn lists_come_in_pages_the_newest_first() {
    let node = Node::new().await;
    let mut sent = Vec::new();
    for thing in ["t1", "t2", "t1", "t1", "t2"] {
        sent.insert(0, node.send(thing).await);
    }
    node.answer(&sent[2], "").await;
    let all = collect(&node, None, None, 2).await;
    let ids = |chosen: &[usize]| -> Vec<_> { chosen.iter().map(|n| sent[*n].summary.id).collect() };
    assert_eq!(all, ids(&[0, 1, 2, 3, 4]));
    assert_eq!(collect(&node, Some("t1"), None, 1).await, ids(&[1, 2, 4]));
    let open = Some(CommandStatus::Sent);
    assert_eq!(collect(&node, None, open, 2).await, ids(&[0, 1, 3, 4]));
    assert_eq!(collect(&node, Some("t1"), open, 2).await, ids(&[1, 4]));
    let page = node.commands.list(None, None, "x", 2).await;
    assert!(matches!(page, Err(CommandError::Page)));
    let nobody = node.commands.list(Some("nobody"), None, "", 2).await;
    assert!(matches!(nobody, Err(CommandError::ThingUnknown(_))));
}

async fn collect(
    node: &Node,
    thing: Option<&str>,
    status: Option<CommandStatus>,
    count: u32,
) -> Vec<trunkline_command::CommandId> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = node
            .commands
            .list(thing, status, &after, count)
            .await
            .unwrap();
        assert!(page.commands.len() <= count as usize);
        all.extend(page.commands.iter().map(|command| command.id));
        match page.next {
            Some(next) => after = next,
            None => return all,
        }
    }
}
