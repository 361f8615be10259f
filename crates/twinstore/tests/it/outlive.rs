//! What outlives a crash, and what a change leaves behind.

use trunkline_twin::Operation;
use trunkline_twinstore::{Journal as _, Mark, TwinsError, Version};

use crate::support::{Node, request};

#[tokio::test]
async fn what_the_table_lacks_is_played_again() {
    let node = Node::new(&["a", "b"]).await;
    assert_eq!(node.report("a", 1).await, 1);
    node.twins.settle().await.unwrap();
    node.copy_table("before.db");
    assert_eq!(node.report("a", 2).await, 2);
    assert_eq!(node.report("b", 3).await, 1);
    let node = node.crash("before.db").await;
    let got = node
        .ask("a", Operation::Get, "")
        .await
        .result
        .unwrap()
        .value();
    assert_eq!(
        (&got["version"], &got["state"]["reported"]["value"]),
        (&2.into(), &2.into())
    );
    assert_eq!(node.report("b", 4).await, 2);
}

#[tokio::test]
async fn a_thing_that_was_taken_away_leaves_nothing() {
    let node = Node::new(&["a"]).await;
    node.report("a", 1).await;
    node.twins.settle().await.unwrap();
    node.copy_table("before.db");
    node.report("a", 2).await;
    node.things.0.lock().unwrap().remove("a");
    node.twins.forget("a", "test").await.unwrap();
    assert_eq!(node.twins.count().await.unwrap(), 0);
    let (gone, next) = node.twins.gone_since(0);
    assert_eq!((gone.unwrap()[0].thing.as_str(), next), ("a", 1));
    let last = node.journal.events().into_iter().rev().nth(1).unwrap();
    assert!(
        last.data.unwrap().get().contains(r#""deleted":true"#),
        "its history says that it went"
    );
    let refused = node.ask("a", Operation::Get, "").await.result.unwrap_err();
    assert_eq!(refused.code, 404);
    node.things.0.lock().unwrap().insert("a".into());
    let node = node.crash("before.db").await;
    assert_eq!(node.twins.count().await.unwrap(), 0);
    assert_eq!(
        node.report("a", 3).await,
        1,
        "it is another thing, and begins anew"
    );
}

#[tokio::test]
async fn a_change_that_the_log_refuses_never_was() {
    let node = Node::new(&["a"]).await;
    node.report("a", 1).await;
    node.journal.set_full(true);
    let update = request(
        "a",
        Operation::Update,
        r#"{"state":{"reported":{"value":2}}}"#,
    );
    let refused = node.twins.ask(update).await;
    assert!(matches!(refused, Err(TwinsError::Closed)), "{refused:?}");
    let got = node
        .ask("a", Operation::Get, "")
        .await
        .result
        .unwrap()
        .value();
    assert_eq!(got["version"], 1);
    node.journal.set_full(false);
    assert_eq!(node.report("a", 3).await, 2);
}

#[tokio::test]
async fn shadows_are_named_before_they_are_in_the_table() {
    let node = Node::new(&["a"]).await;
    for shadow in ["config", "state"] {
        let mut update = request("a", Operation::Update, r#"{"state":{"reported":{"x":1}}}"#);
        update.shadow = Some(shadow.into());
        node.twins.ask(update).await.unwrap().result.unwrap();
    }
    assert_eq!(node.twins.shadows("a").await.unwrap(), ["config", "state"]);
    let mut delete = request("a", Operation::Delete, "");
    delete.shadow = Some("config".into());
    node.twins.ask(delete).await.unwrap().result.unwrap();
    assert_eq!(node.twins.shadows("a").await.unwrap(), ["state"]);
    node.twins.settle().await.unwrap();
    assert_eq!(node.twins.shadows("a").await.unwrap(), ["state"]);
}

#[tokio::test]
async fn a_document_is_made_again_byte_for_byte() {
    let node = Node::new(&["a"]).await;
    for value in 1..4 {
        node.report("a", value).await;
    }
    let version = last_version(&node);
    let same = node
        .twins
        .compare(vec![version.clone()], false)
        .await
        .unwrap();
    assert_eq!((same.present, same.differences.len()), (1, 0), "{same:?}");
    let other = Version {
        reported: r#"{"value":9}"#.into(),
        ..version
    };
    let differences = node
        .twins
        .compare(vec![other.clone()], false)
        .await
        .unwrap();
    assert_eq!(differences.differences.len(), 1);
    let got = node
        .ask("a", Operation::Get, "")
        .await
        .result
        .unwrap()
        .value();
    assert_eq!(
        got["state"]["reported"]["value"], 3,
        "it was only looked at"
    );
    node.twins.compare(vec![other], true).await.unwrap();
    let got = node
        .ask("a", Operation::Get, "")
        .await
        .result
        .unwrap()
        .value();
    assert_eq!(got["state"]["reported"]["value"], 9);
}

#[tokio::test]
async fn whoever_follows_the_table_sees_each_document_once() {
    let node = Node::new(&["a", "b"]).await;
    node.report("a", 1).await;
    node.twins.settle().await.unwrap();
    let first = node.twins.written_since(&Mark::default(), 9).await.unwrap();
    assert_eq!(first.len(), 1);
    node.report("b", 1).await;
    node.report("b", 2).await;
    node.twins.settle().await.unwrap();
    let second = node.twins.written_since(&first[0].mark(), 9).await.unwrap();
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].thing, "b");
    assert!(second[0].document.contains(r#""version":2"#));
}

#[tokio::test]
async fn a_close_leaves_all_in_the_table() {
    let node = Node::new(&["a"]).await;
    node.report("a", 1).await;
    node.twins.close().await;
    assert_eq!(node.twins.count().await.unwrap(), 1);
    let closed = node.twins.settle().await;
    assert!(matches!(closed, Err(TwinsError::Closed)));
    assert_eq!(node.journal.next(), 1);
}

/// What the last event of the log says.
fn last_version(node: &Node) -> Version {
    let events = node.journal.events();
    let event = events.last().unwrap();
    let said: serde_json::Value = serde_json::from_str(event.data.as_ref().unwrap().get()).unwrap();
    Version {
        thing: said["thing"].as_str().unwrap().into(),
        shadow: said["shadow"].as_str().unwrap().into(),
        version: said["version"].as_u64().unwrap(),
        seconds: event.time.unwrap().as_micros() / 1_000_000,
        deleted: said["deleted"].as_bool().unwrap(),
        desired: said["desired"].to_string(),
        reported: said["reported"].to_string(),
        metadata: said["metadata"].to_string(),
    }
}

#[tokio::test]
async fn whoever_reads_while_much_is_written_misses_nothing() {
    let names: Vec<String> = (0..900).map(|n| format!("t{n:03}")).collect();
    let node = Node::new(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (mut mark, mut seen) = (Mark::default(), std::collections::HashSet::new());
    for name in &names {
        node.report(name, 1).await;
    }
    let settled = node.twins.settle();
    tokio::pin!(settled);
    let mut done = false;
    while !done {
        done = futures::poll!(&mut settled).is_ready();
        loop {
            let rows = node.twins.written_since(&mark, 100).await.unwrap();
            let Some(last) = rows.last() else {
                break;
            };
            mark = last.mark();
            seen.extend(rows.into_iter().map(|row| row.thing));
        }
    }
    assert_eq!(seen.len(), names.len());
}

#[tokio::test]
async fn one_that_cannot_be_read_holds_up_nobody_and_is_mended() {
    let node = Node::new(&["a", "b"]).await;
    node.report("a", 1).await;
    let version = last_version(&node);
    let node = node.spoil("a").await;
    let get = |thing| node.twins.ask(request(thing, Operation::Get, ""));
    let (bad, good) = tokio::join!(get("a"), get("b"));
    assert_eq!(bad.unwrap().result.unwrap_err().code, 500);
    assert_eq!(good.unwrap().result.unwrap_err().code, 404);
    let found = node.twins.compare(vec![version], true).await.unwrap();
    assert_eq!((found.present, found.differences.len()), (1, 1));
    assert_eq!(node.report("a", 2).await, 2);
}

#[tokio::test]
async fn each_gets_its_own_answer_though_many_come_at_once() {
    let names: Vec<String> = (0..200).map(|n| format!("large-{n}")).collect();
    let node = Node::new(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let asked = names.iter().enumerate().map(|(n, name)| {
        let payload = format!(r#"{{"state":{{"reported":{{"value":{n}}}}}}}"#);
        node.twins.ask(request(name, Operation::Update, &payload))
    });
    for (n, answer) in futures::future::join_all(asked)
        .await
        .into_iter()
        .enumerate()
    {
        let accepted = answer.unwrap().result.unwrap().value();
        assert_eq!(accepted["state"]["reported"]["value"], n);
    }
}
